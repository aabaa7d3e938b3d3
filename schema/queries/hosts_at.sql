-- Which hosts do the rows list that hold at a place of a Cloud source? (The sign keeps the index of
-- all that holds in the source out of it: one row of each host is enough.)
SELECT host FROM hosts
WHERE host <> '' AND EXISTS (
  SELECT 1 FROM listed CROSS JOIN spans USING (state_id)
  WHERE listed.host_id = hosts.host_id
    AND +source_id = ?1 AND from_place <= ?2 AND to_place > ?2)
