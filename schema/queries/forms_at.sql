-- Which fields have the records that hold at a place of a source, form by form?
SELECT fields FROM shapes
WHERE shape_id IN (
  SELECT DISTINCT shape_id FROM spans JOIN records USING (state_id)
  WHERE source_id = ?1 AND from_place <= ?2 AND to_place > ?2)
