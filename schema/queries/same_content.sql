-- Is the snapshot being written (source ?1, place ?3) already there, at an earlier place of the
-- same instant (from ?2 on) and not voided?
SELECT there.snapshot_id
FROM stored_snapshots AS there
WHERE there.source_id = ?1 AND there.place >= ?2 AND there.place < ?3
  AND NOT EXISTS (SELECT 1 FROM voided_snapshots WHERE snapshot_id = there.snapshot_id)
  -- A partial snapshot never comes into force, so a whole one with its content is news.
  AND (there.partial = 0 OR ?7)
  AND there.consumed IS ?4 AND there.purchased IS ?5
  AND (there.accounts IS NOT NULL OR there.facts = ?6)
  AND NOT EXISTS (
    SELECT account_id, digest FROM spans JOIN states USING (state_id)
    WHERE source_id = ?1 AND from_place <= there.place AND to_place > there.place
    EXCEPT
    SELECT account_id, digest FROM spans JOIN states USING (state_id)
    WHERE source_id = ?1 AND from_place <= ?3 AND to_place > ?3)
  AND NOT EXISTS (
    SELECT account_id, digest FROM spans JOIN states USING (state_id)
    WHERE source_id = ?1 AND from_place <= ?3 AND to_place > ?3
    EXCEPT
    SELECT account_id, digest FROM spans JOIN states USING (state_id)
    WHERE source_id = ?1 AND from_place <= there.place AND to_place > there.place)
ORDER BY there.place DESC
LIMIT 1
