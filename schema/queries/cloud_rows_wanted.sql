-- Which of the wanted states are rows of a Cloud source?
SELECT state_id, row, roles, visual_studio, identity
FROM wanted CROSS JOIN states USING (state_id) CROSS JOIN stored_accounts USING (account_id)
WHERE source_id = ?1
ORDER BY state_id
