-- Which records hold at a place of a source?
SELECT record_hash
FROM spans JOIN records USING (state_id)
WHERE source_id = ?1 AND from_place <= ?2 AND to_place > ?2
