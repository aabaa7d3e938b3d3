-- Counts that were once worked out, kept so that asking again takes no time. Nothing rests on
-- them: a line counts only for exactly what it was worked out from (inputs), is worked out again
-- and compared by `verify`, and may be thrown away at any time (`recount` does).

CREATE TABLE stored_counts (
  -- Newer lines have greater numbers.
  count_id INTEGER PRIMARY KEY,
  -- What was asked: an instant, and an enterprise ('': all of them).
  at INTEGER NOT NULL,
  enterprise TEXT NOT NULL,
  -- BLAKE3 of everything that decides the answer: snapshots, declarations, links, and the rules'
  -- version.
  inputs BLOB NOT NULL,
  -- The counts, as a JSON object.
  counts TEXT NOT NULL,
  -- How many take two licenses, as a JSON object; null: not worked out.
  doubles TEXT,
  -- BLAKE3 of the columns above but the number, so that a damaged line never answers.
  line_hash BLOB NOT NULL,
  UNIQUE (at, enterprise)
) STRICT;
