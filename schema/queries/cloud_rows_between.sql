-- Which rows held at any place of a Cloud source from ?2 to ?3?
SELECT state_id, row, roles, visual_studio, identity
FROM (SELECT DISTINCT state_id FROM spans
    WHERE source_id = ?1 AND from_place <= ?3 AND to_place > ?2)
  JOIN states USING (state_id) JOIN stored_accounts USING (account_id)
ORDER BY state_id
