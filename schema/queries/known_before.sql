-- What is not known on ?1: the first line of the journal with a later time, and everything that it
-- and the lines after it bring in (counting.md section 8: a line's time is the greatest of its own and
-- of all before it). The first number of each kind that is not known; null: all of them are.
-- (Of main: for a statement of the user's, the name journal is that of the view.)
SELECT min(line) AS lines,
  min(iif(entry ->> 'command' = 'import', CAST(entry ->> 'snapshot' AS INTEGER), NULL)) AS snapshots,
  min(CAST(entry ->> 'voiding' AS INTEGER)) AS voidings,
  min(CAST(entry ->> 'declaration' AS INTEGER)) AS declarations,
  min(CAST(entry ->> 'link' AS INTEGER)) AS links
FROM main.journal
WHERE line >= (SELECT min(line) FROM main.journal WHERE entry ->> 'at' > ?1)
