-- What was found at the import of each snapshot with a number below ?1? The evidence stands in the
-- journal's line of the import, the first that tells of the snapshot; databases written before it was
-- kept have none. The journal is read once: without an index of its own it would be read for every
-- snapshot.
WITH found AS MATERIALIZED (
  SELECT CAST(json_extract(entry, '$.snapshot') AS INTEGER) AS snapshot_id,
    json_extract(entry, '$.evidence') AS evidence, min(line)
  FROM main.journal
  WHERE entry LIKE '{"command":"import",%'
  GROUP BY json_extract(entry, '$.snapshot')
)
SELECT snapshot_id, taken_at_from, warnings, evidence
FROM stored_snapshots LEFT JOIN found USING (snapshot_id)
WHERE snapshot_id < ?1
