-- Which snapshots of source ?1 are at an earlier place of the same instant (from ?2 on, before ?3), not voided,
-- and with the same totals?
SELECT snapshot_id, place
FROM stored_snapshots
WHERE source_id = ?1 AND place >= ?2 AND place < ?3
  AND snapshot_id NOT IN (SELECT snapshot_id FROM voided_snapshots)
  -- A partial snapshot never comes into force, so it does not make a complete one with its content superfluous.
  AND (partial = 0 OR ?7)
  AND consumed IS ?4 AND purchased IS ?5
  AND (accounts IS NOT NULL OR facts = ?6)
ORDER BY place DESC
