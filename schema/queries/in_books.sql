-- Which snapshots are not voided, each with the name that its source has now?
SELECT snapshot_id, source_id, kind, name, place, accounts, sha256, partial
FROM stored_snapshots JOIN named_sources USING (source_id)
WHERE snapshot_id NOT IN (SELECT snapshot_id FROM voided_snapshots)
