-- What is not known on ?1: the first line of the journal with a later time, and everything that this line and
-- those after it introduce. (A line's time is the greatest of its own and of all before it: counting.md
-- section 8.) Gives the first unknown number of each kind; null if all of them are known.
-- (The table is main.journal, because in a user's statement the name journal is the public view.)
SELECT min(line) AS lines,
  min(iif(entry ->> 'command' = 'import', CAST(entry ->> 'snapshot' AS INTEGER), NULL)) AS snapshots,
  min(CAST(entry ->> 'voiding' AS INTEGER)) AS voidings,
  min(CAST(entry ->> 'declaration' AS INTEGER)) AS declarations,
  min(CAST(entry ->> 'link' AS INTEGER)) AS links
FROM main.journal
WHERE line >= (SELECT min(line) FROM main.journal WHERE entry ->> 'at' > ?1)
