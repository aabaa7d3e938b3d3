-- What did the file say about the accounts that hold at a place of a source?
SELECT state_id, shape_id, content
FROM spans JOIN records USING (state_id)
WHERE source_id = ?1 AND from_place <= ?2 AND to_place > ?2
