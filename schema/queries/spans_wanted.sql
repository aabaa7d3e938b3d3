-- When did the wanted states of a source hold?
SELECT state_id, from_place, to_place
FROM wanted CROSS JOIN spans USING (state_id)
WHERE source_id = ?1
ORDER BY state_id, from_place
