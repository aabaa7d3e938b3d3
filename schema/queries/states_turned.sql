-- Which states of a source began or ended to hold after place ?2 and up to place ?3?
SELECT state_id FROM spans
WHERE source_id = ?1 AND to_place > ?2 AND to_place <= ?3
UNION
SELECT state_id FROM spans
WHERE source_id = ?1 AND to_place = 9223372036854775807
  AND from_place > ?2 AND from_place <= ?3
UNION
SELECT state_id FROM spans
WHERE source_id = ?1 AND to_place > ?3 AND to_place < 9223372036854775807
  AND from_place > ?2 AND from_place <= ?3
