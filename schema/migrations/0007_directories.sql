-- Employee directories: their entries are states like those of accounts, of a row of their own.

INSERT INTO source_kinds VALUES ('directory');

-- A view of somebody else's may speak of what is not there meanwhile.
PRAGMA legacy_alter_table = ON;

ALTER TABLE states RENAME TO old_states;

CREATE TABLE states (
  state_id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL REFERENCES stored_sources,
  -- That brought it: it holds there. Where it has no spans, it holds from there on.
  snapshot_id INTEGER NOT NULL REFERENCES stored_snapshots,
  -- One number for all states of an account; accounts are numbered one after another.
  account_id INTEGER NOT NULL,
  -- 0 Server account, 1 Cloud account, 2 Server-only, 3 Visual Studio only, 4 invited by e-mail,
  -- 5 entry of a directory.
  row INTEGER NOT NULL CHECK (row BETWEEN 0 AND 5),
  -- Enterprise roles: 0 none, 1 held, 2 all pending.
  roles INTEGER NOT NULL CHECK (roles BETWEEN 0 AND 2),
  visual_studio INTEGER NOT NULL CHECK (visual_studio IN (0, 1)),
  suspended INTEGER CHECK (suspended IN (0, 1)),
  login TEXT NOT NULL,
  -- What makes it the same account in two snapshots (counting.md section 2); null: 'login:' and the
  -- login in lower case (of the letters A to Z).
  account TEXT,
  shape_id INTEGER NOT NULL REFERENCES shapes,
  -- The values of the shape's fields: a JSON array.
  content TEXT NOT NULL,
  salt BLOB NOT NULL,
  -- BLAKE3 of salt, fields and content.
  record_hash BLOB NOT NULL
) STRICT;

INSERT INTO states SELECT * FROM old_states ORDER BY state_id;

DROP TABLE old_states;

PRAGMA legacy_alter_table = OFF;

-- Server accounts of which a file gives no id but the login. Most sources have none: whether one has any
-- is asked before every answer that is kept, and would else mean to look at all accounts.
CREATE INDEX states_by_login_alone ON states (source_id)
  WHERE row = 0 AND (account IS NULL OR substr(account, 1, 6) = 'login:');

-- The key of the digests that stand for the ids, addresses and logins of entries: one row, from the first
-- directory on. Without it no account finds its entry.
CREATE TABLE digest_keys (
  key_id INTEGER PRIMARY KEY CHECK (key_id = 1),
  key BLOB NOT NULL CHECK (length(key) = 32),
  made_at INTEGER NOT NULL,
  salt BLOB NOT NULL
) STRICT;

-- What imports of a directory's file added in plain text: at the first import, and when the same file
-- came again after accounts had become known.
CREATE TABLE fillings (
  filling_id INTEGER PRIMARY KEY,
  snapshot_id INTEGER NOT NULL REFERENCES stored_snapshots,
  -- How many entries got their details.
  entries INTEGER NOT NULL CHECK (entries > 0),
  filled_at INTEGER NOT NULL
) STRICT;

-- What is known in plain text of an entry: a JSON object. The record of the state has its keyed digest.
CREATE TABLE entry_details (
  state_id INTEGER PRIMARY KEY REFERENCES states,
  filling_id INTEGER NOT NULL REFERENCES fillings,
  details TEXT NOT NULL
) STRICT;
