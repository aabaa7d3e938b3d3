-- How much there is of what, without a name.
SELECT
  (SELECT count(*) FROM stored_snapshots),
  (SELECT count(*) FROM voided_snapshots),
  (SELECT count(*) FROM journal);
