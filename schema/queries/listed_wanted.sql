-- Which Server accounts do the wanted states of a Cloud source list, for each span?
SELECT state_id, host_id, id, from_place
FROM wanted CROSS JOIN spans USING (state_id) CROSS JOIN listed USING (state_id)
WHERE source_id = ?1
ORDER BY state_id, from_place
