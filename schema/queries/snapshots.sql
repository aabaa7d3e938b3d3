-- Which snapshots are there, by source and in order of their places?
SELECT snapshot_id, kind, name, source_id, place, accounts, consumed, purchased, complete,
  partial, accepted_short,
  snapshot_id IN (SELECT snapshot_id FROM voided_snapshots)
FROM snapshots JOIN sources USING (source_id)
ORDER BY kind, name, place
