-- Which addresses have the states that held at any place of a source from ?2 to ?3, for each span?
SELECT state_id, kind, key_id, from_place
FROM spans JOIN addresses USING (state_id)
WHERE source_id = ?1 AND from_place <= ?3 AND to_place > ?2
ORDER BY to_place, from_place, state_id
