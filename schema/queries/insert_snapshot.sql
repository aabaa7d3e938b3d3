INSERT INTO stored_snapshots (
  snapshot_id, source_id, place, imported_at, taken_at_from, format, file, sha256, rows, accounts,
  consumed, purchased, complete, partial, accepted_short, facts, warnings, content_hash, salt
)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)
