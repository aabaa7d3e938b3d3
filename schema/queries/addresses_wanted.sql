-- Which addresses have the wanted states of a source, for each span?
SELECT state_id, kind, key_id, from_place
FROM wanted CROSS JOIN spans USING (state_id) CROSS JOIN addresses USING (state_id)
WHERE source_id = ?1
ORDER BY state_id, from_place
