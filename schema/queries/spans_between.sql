-- When did the states hold that held at any place of a source from ?2 to ?3?
SELECT state_id, from_place, to_place
FROM spans
WHERE source_id = ?1 AND from_place <= ?3 AND to_place > ?2
ORDER BY state_id, from_place
