-- The greatest time in the books. They repeat the times of the journal's lines, and their rows are shorter than
-- the lines.
SELECT max(at) FROM (
  SELECT max(imported_at) AS at FROM stored_snapshots
  UNION ALL SELECT max(declared_at) FROM voidings
  UNION ALL SELECT max(declared_at) FROM declarations
  UNION ALL SELECT max(declared_at) FROM links
  UNION ALL SELECT max(declared_at) FROM saved_questions)
