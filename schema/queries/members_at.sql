-- Which states that hold at a place of a Cloud source have a membership in the organization ?3?
SELECT DISTINCT state_id
FROM spans JOIN stored_memberships USING (state_id)
WHERE source_id = ?1 AND from_place <= ?2 AND to_place > ?2 AND lower(organization) = lower(?3)
