-- Which states have a membership in the organization ?1?
SELECT DISTINCT row_id / 1048576
FROM stored_memberships
WHERE lower(organization) = lower(?1)
