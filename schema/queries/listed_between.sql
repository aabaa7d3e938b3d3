-- Which Server accounts do the rows list that held at any place of a Cloud source from ?2 to ?3?
SELECT state_id, host, id
FROM (SELECT DISTINCT state_id FROM spans
    WHERE source_id = ?1 AND from_place <= ?3 AND to_place > ?2)
  JOIN listed USING (state_id) JOIN hosts USING (host_id)
ORDER BY state_id
