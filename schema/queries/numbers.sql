-- How many snapshots, voided snapshots and lines of the journal are there?
SELECT
  (SELECT count(*) FROM stored_snapshots),
  (SELECT count(*) FROM voided_snapshots),
  (SELECT count(*) FROM journal);
