-- Which snapshots with a number below ?1 are there, by source and in order of their places?
SELECT snapshot_id, kind, name, source_id, place, imported_at, format, file, sha256, rows,
  accounts, consumed, purchased, complete, partial, accepted_short, content_hash
FROM stored_snapshots JOIN stored_sources USING (source_id)
WHERE snapshot_id < ?1
ORDER BY kind, source_id, place
