-- Which Server accounts do the rows list that hold at a place of a Cloud source?
SELECT state_id, host_id, id
FROM spans JOIN listed USING (state_id)
WHERE source_id = ?1 AND from_place <= ?2 AND to_place > ?2
ORDER BY to_place, from_place, state_id
