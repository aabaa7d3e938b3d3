-- Which snapshots had been imported by ?1, by source and in order of their places?
SELECT snapshot_id, kind, name, source_id, place, imported_at, format, file, sha256, rows,
  accounts, consumed, purchased, complete, partial, accepted_short, content_hash
FROM stored_snapshots JOIN stored_sources USING (source_id)
WHERE imported_at <= ?1
ORDER BY kind, source_id, place
