-- What was said about each account that holds at a place of a source?
SELECT fields, content
FROM spans JOIN states USING (state_id) JOIN stored_accounts USING (account_id)
  JOIN records USING (state_id) JOIN shapes USING (shape_id)
WHERE spans.source_id = ?1 AND from_place <= ?2 AND to_place > ?2
ORDER BY identity
