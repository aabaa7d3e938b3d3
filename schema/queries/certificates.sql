-- What was found when each snapshot with a number below ?1 was imported? The evidence is in the first line of
-- the journal that imports the snapshot. Databases from before it was stored have none. The journal is read
-- once: it has no index by snapshot, so a join would read it for every snapshot.
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
