-- Which rows hold at a place of a Cloud source?
SELECT state_id, row, roles, visual_studio, identity
FROM spans JOIN states USING (state_id) JOIN stored_accounts USING (account_id)
WHERE spans.source_id = ?1 AND from_place <= ?2 AND to_place > ?2
ORDER BY to_place, from_place, state_id
