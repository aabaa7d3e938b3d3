-- Which fields had the records of each source, and over which places?
SELECT fields, source_id, min(from_place), max(to_place)
FROM spans JOIN records USING (state_id) JOIN shapes USING (shape_id)
GROUP BY shape_id, source_id
