-- What was said about the accounts that hold at a place of a source, in records of these forms (a
-- JSON array of the shapes' numbers)?
SELECT fields, content
FROM spans JOIN records USING (state_id) JOIN shapes USING (shape_id)
WHERE spans.source_id = ?1 AND from_place <= ?2 AND to_place > ?2
  AND records.shape_id IN (SELECT value FROM json_each(?3))
