-- Plain rows for people, an image for the program.
--
-- A state is one row: what was said, of which account, and the snapshot that brought it. Rows are
-- appended and never changed; when a state ended stands apart (spans). What belongs to a state stands
-- under row_id = state_id * 1048576 + n, so that a state's rows are a range and no index is needed.
-- What the program needs quickly it keeps as columns of numbers in blobs (image): all of it follows
-- from the rows, and may be deleted at any time.
--
-- Also: the kinds of sources are a list that may grow; and what a line of the journal would have to
-- forget stands in its own table, under a salted hash (commitments, store/journal.rs).

DROP VIEW valid_snapshots;
DROP VIEW voided_snapshots;
DROP VIEW named_sources;

-- A view of somebody else's may speak of what is not there meanwhile.
PRAGMA legacy_alter_table = ON;

CREATE TABLE source_kinds (
  kind TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

INSERT INTO source_kinds VALUES ('cloud'), ('cost-centers'), ('server'), ('server-as-synced'),
  ('server-info'), ('server-license'), ('sync-status'), ('visual-studio');

CREATE TABLE new_sources (
  source_id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL REFERENCES source_kinds,
  -- The name at its first import; renaming is a declaration.
  name TEXT NOT NULL CHECK (name <> '')
) STRICT;

INSERT INTO new_sources SELECT source_id, kind, name FROM stored_sources;
DROP TABLE stored_sources;
ALTER TABLE new_sources RENAME TO stored_sources;

ALTER TABLE states RENAME TO old_states;
ALTER TABLE spans RENAME TO old_spans;
ALTER TABLE addresses RENAME TO old_addresses;
ALTER TABLE listed RENAME TO old_listed;
ALTER TABLE stored_memberships RENAME TO old_memberships;

CREATE TABLE states (
  state_id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL REFERENCES stored_sources,
  -- That brought it: it holds there. Where it has no spans, it holds from there on.
  snapshot_id INTEGER NOT NULL REFERENCES stored_snapshots,
  -- One number for all states of an account; accounts are numbered one after another.
  account_id INTEGER NOT NULL,
  -- 0 Server account, 1 Cloud account, 2 Server-only, 3 Visual Studio only, 4 invited by e-mail.
  row INTEGER NOT NULL CHECK (row BETWEEN 0 AND 4),
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

-- Server accounts of which a file gives no id but the login. Most sources have none: whether one has any
-- is asked before every answer that is kept, and would else mean to look at all accounts.
CREATE INDEX states_by_login_alone ON states (source_id)
  WHERE row = 0 AND (account IS NULL OR substr(account, 1, 6) = 'login:');

INSERT INTO states
SELECT old_states.state_id, source_id, (
    SELECT snapshot_id FROM stored_snapshots
    WHERE stored_snapshots.source_id = stored_accounts.source_id
      AND place = (SELECT min(from_place) FROM old_spans WHERE old_spans.state_id = old_states.state_id)),
  account_id, row, roles, visual_studio, suspended, login,
  nullif(identity, 'login:' || lower(login)), shape_id, content, salt, record_hash
FROM old_states LEFT JOIN stored_accounts USING (account_id)
  LEFT JOIN records ON records.state_id = old_states.state_id
ORDER BY old_states.state_id;

-- When a state held, if not simply from its snapshot on: then all of its spans.
CREATE TABLE spans (
  state_id INTEGER NOT NULL REFERENCES states,
  from_place INTEGER NOT NULL,
  to_place INTEGER NOT NULL CHECK (from_place < to_place),
  PRIMARY KEY (state_id, from_place)
) STRICT, WITHOUT ROWID;

INSERT INTO spans
SELECT state_id, from_place, to_place FROM old_spans
WHERE to_place < 9223372036854775807
  OR EXISTS (SELECT 1 FROM old_spans AS other
    WHERE other.state_id = old_spans.state_id AND other.from_place < old_spans.from_place)
ORDER BY state_id, from_place;

-- The addresses of a state, each text once.
CREATE TABLE addresses (
  row_id INTEGER PRIMARY KEY,
  -- The sum of 1 primary, 2 secondary, 4 SAML NameID, 8 verified, 16 Server, 32 Visual Studio,
  -- 64 invitation.
  kinds INTEGER NOT NULL CHECK (kinds BETWEEN 1 AND 127),
  -- As received.
  text TEXT NOT NULL,
  -- By what it is compared; null: the text without spaces around it, the letters A to Z in lower case.
  key TEXT
) STRICT;

INSERT INTO addresses
SELECT state_id * 1048576 + row_number() OVER (PARTITION BY state_id ORDER BY kind, key_id, text) - 1,
  kinds, text, nullif(key, lower(trim(text)))
FROM (
  SELECT state_id, sum(1 << (kind - 1)) AS kinds, coalesce(text, key) AS text, key, min(kind) AS kind,
    key_id
  FROM old_addresses LEFT JOIN keys USING (key_id)
  GROUP BY state_id, key_id, coalesce(text, key))
ORDER BY 1;

-- The Server accounts that a Cloud row lists; host '' for a bare id.
CREATE TABLE stored_listed (
  row_id INTEGER PRIMARY KEY,
  host_id INTEGER NOT NULL REFERENCES hosts,
  id TEXT NOT NULL
) STRICT;

INSERT INTO stored_listed
SELECT state_id * 1048576 + row_number() OVER (PARTITION BY state_id ORDER BY host_id, id) - 1,
  host_id, id
FROM old_listed ORDER BY 1;

CREATE TABLE stored_memberships (
  row_id INTEGER PRIMARY KEY,
  organization TEXT NOT NULL,
  repository TEXT NOT NULL,
  role TEXT NOT NULL
) STRICT;

INSERT INTO stored_memberships
SELECT state_id * 1048576
    + row_number() OVER (PARTITION BY state_id ORDER BY organization, repository, role) - 1,
  organization, repository, role
FROM old_memberships ORDER BY 1;

DROP TABLE old_addresses;
DROP TABLE old_listed;
DROP TABLE old_memberships;
DROP TABLE old_spans;
DROP TABLE records;
DROP TABLE old_states;
DROP TABLE keys;
DROP TABLE stored_accounts;

-- What the program works on: columns of numbers and texts of many states, accounts or keys
-- (store/image). Derived: made anew from the rows wherever it is missing.
CREATE TABLE image (
  part INTEGER NOT NULL,
  -- How many states, accounts or keys stand before those of the segment, and how many are in it.
  first INTEGER NOT NULL,
  count INTEGER NOT NULL,
  data BLOB NOT NULL,
  -- BLAKE3 of the four columns above.
  hash BLOB NOT NULL,
  PRIMARY KEY (part, first)
) STRICT;

-- How the image is made: its form, and the key of the hashes in it.
CREATE TABLE image_form (
  version INTEGER PRIMARY KEY,
  hash_key BLOB NOT NULL,
  -- So many bits of each hash by which something is only found are kept.
  hash_bits INTEGER NOT NULL CHECK (hash_bits BETWEEN 8 AND 64),
  -- The newest state that is in it, by the hash of its record: so it is of this very database.
  newest BLOB NOT NULL,
  -- BLAKE3 of the columns above.
  hash BLOB NOT NULL
) STRICT;

-- The salts of what lines of the journal commit to; null: the line says it aloud.
ALTER TABLE stored_snapshots ADD COLUMN salt BLOB;
ALTER TABLE voidings ADD COLUMN salt BLOB;
ALTER TABLE declarations ADD COLUMN reason TEXT;
ALTER TABLE declarations ADD COLUMN salt BLOB;
ALTER TABLE links ADD COLUMN salt BLOB;
ALTER TABLE saved_questions ADD COLUMN salt BLOB;

-- Why a setting that looked wrong was accepted stood in the journal alone.
UPDATE declarations SET reason = accepted_new
FROM (
  SELECT CAST(entry ->> 'declaration' AS INTEGER) AS declaration, entry ->> 'accepted_new' AS accepted_new
  FROM journal
  WHERE entry LIKE '{"command":"declare",%' AND json_valid(entry))
WHERE declaration = declaration_id AND accepted_new IS NOT NULL;

PRAGMA legacy_alter_table = OFF;

-- The sources under the names that they have now.
CREATE VIEW named_sources AS
SELECT source_id, kind, coalesce((
    SELECT value FROM declarations
    WHERE declarations.source_id = stored_sources.source_id AND what = 'name'
    ORDER BY declaration_id DESC LIMIT 1), name) AS name
FROM stored_sources;

CREATE VIEW voided_snapshots AS
SELECT snapshot_id FROM (
  SELECT snapshot_id, voided, max(voiding_id) FROM voidings GROUP BY snapshot_id
) WHERE voided = 1;

-- The snapshots that can be in force.
CREATE VIEW valid_snapshots AS
SELECT * FROM stored_snapshots
WHERE partial = 0 AND snapshot_id NOT IN (SELECT snapshot_id FROM voided_snapshots);
