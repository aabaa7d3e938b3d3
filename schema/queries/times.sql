-- The greatest time of the books (they repeat those of the journal's lines; each of these tables is
-- short, while a line may be long).
SELECT max(at) FROM (
  SELECT max(imported_at) AS at FROM stored_snapshots
  UNION ALL SELECT max(declared_at) FROM voidings
  UNION ALL SELECT max(declared_at) FROM declarations
  UNION ALL SELECT max(declared_at) FROM links
  UNION ALL SELECT max(declared_at) FROM saved_questions)
