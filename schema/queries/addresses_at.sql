-- Which addresses have the states that hold at a place of a source?
SELECT state_id, kind, key_id
FROM spans JOIN addresses USING (state_id)
WHERE source_id = ?1 AND from_place <= ?2 AND to_place > ?2
ORDER BY to_place, from_place, state_id
