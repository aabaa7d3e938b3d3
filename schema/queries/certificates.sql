-- What was found at the import of each snapshot that was imported by ?1? The evidence stands in the
-- journal's line of the import; databases written before it was kept have none.
SELECT snapshot_id, taken_at_from, warnings, evidence
FROM stored_snapshots LEFT JOIN (
  SELECT json_extract(entry, '$.snapshot') AS snapshot_id, json_extract(entry, '$.evidence') AS evidence
  FROM journal
  WHERE entry LIKE '{"command":"import",%'
) USING (snapshot_id)
WHERE imported_at <= ?1
