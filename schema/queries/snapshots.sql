-- Which snapshots with a number below ?1 are there, by source and in order of their places?
SELECT *
FROM stored_snapshots JOIN stored_sources USING (source_id)
WHERE snapshot_id < ?1
ORDER BY kind, source_id, place
