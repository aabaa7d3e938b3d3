-- Declared links (counting.md section 8): that two accounts are one person, or that they are not.
--
-- Nothing is taken back: of the links of one pair that hold at an instant, the newest counts, and
-- taking one back is a line of its own (says 'nothing').

CREATE TABLE links (
  link_id INTEGER PRIMARY KEY,
  says TEXT NOT NULL CHECK (says IN ('one-person', 'matched-by-github', 'apart',
    'not-matched-by-github', 'nothing')),
  -- Either end is an account: of a Cloud enterprise (its source and the row's identity), or of an
  -- instance (its host and the account's identity there; an instance may be known through Cloud
  -- rows only, and then is no source).
  a_source INTEGER REFERENCES sources,
  a_host TEXT,
  a_account TEXT NOT NULL,
  b_source INTEGER REFERENCES sources,
  b_host TEXT,
  b_account TEXT NOT NULL,
  reason TEXT,
  -- From when on it holds; null: always.
  valid_from INTEGER,
  declared_at INTEGER NOT NULL
) STRICT;
