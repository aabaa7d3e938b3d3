-- Which addresses have the states that held at any place of a source from ?2 to ?3?
SELECT state_id, kind, key_id
FROM (SELECT DISTINCT state_id FROM spans
    WHERE source_id = ?1 AND from_place <= ?3 AND to_place > ?2)
  JOIN addresses USING (state_id)
ORDER BY state_id, kind, key_id
