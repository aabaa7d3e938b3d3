-- The schema of a new database: what the migrations add up to. The public views are in views.sql.
-- To read, not to run. `ONESEAT_BLESS=1 cargo test schema` writes this file.

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

CREATE TABLE content_sums (
  source_id INTEGER PRIMARY KEY REFERENCES "stored_sources",
  place INTEGER NOT NULL,
  sum BLOB NOT NULL
) STRICT;

CREATE TABLE declarations (
  declaration_id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL REFERENCES "stored_sources",
  what TEXT NOT NULL CHECK (what IN ('name', 'billing-model', 'enterprise', 'alias', 'retired')),
  value TEXT NOT NULL,
  -- From when on it holds; null: always.
  valid_from INTEGER,
  declared_at INTEGER NOT NULL
, reason TEXT, salt BLOB) STRICT;

CREATE INDEX declarations_by_source ON declarations (source_id);

CREATE TABLE digest_keys (
  key_id INTEGER PRIMARY KEY CHECK (key_id = 1),
  key BLOB NOT NULL CHECK (length(key) = 32),
  made_at INTEGER NOT NULL,
  salt BLOB NOT NULL
) STRICT;

CREATE TABLE entry_details (
  state_id INTEGER PRIMARY KEY REFERENCES states,
  filling_id INTEGER NOT NULL REFERENCES fillings,
  details TEXT NOT NULL
) STRICT;

CREATE TABLE fillings (
  filling_id INTEGER PRIMARY KEY,
  snapshot_id INTEGER NOT NULL REFERENCES stored_snapshots,
  -- How many entries got their details.
  entries INTEGER NOT NULL CHECK (entries > 0),
  filled_at INTEGER NOT NULL
) STRICT;

CREATE TABLE hosts (
  host_id INTEGER PRIMARY KEY,
  host TEXT NOT NULL UNIQUE
) STRICT;

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

CREATE TABLE journal (
  line INTEGER PRIMARY KEY,
  entry TEXT NOT NULL,
  previous BLOB NOT NULL,
  -- BLAKE3 of previous and entry; the newest is the head.
  hash BLOB NOT NULL
) STRICT;

CREATE TABLE links (
  link_id INTEGER PRIMARY KEY,
  says TEXT NOT NULL CHECK (says IN ('one-person', 'matched-by-github', 'apart',
    'not-matched-by-github', 'nothing')),
  -- Either end is an account: of a Cloud enterprise (its source and the row's identity), or of an
  -- instance (its host and the account's identity there; an instance may be known through Cloud
  -- rows only, and then is no source).
  a_source INTEGER REFERENCES "stored_sources",
  a_host TEXT,
  a_account TEXT NOT NULL,
  b_source INTEGER REFERENCES "stored_sources",
  b_host TEXT,
  b_account TEXT NOT NULL,
  reason TEXT,
  -- From when on it holds; null: always.
  valid_from INTEGER,
  declared_at INTEGER NOT NULL
, salt BLOB) STRICT;

CREATE TABLE saved_questions (
  question_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL CHECK (name <> ''),
  statement TEXT,
  declared_at INTEGER NOT NULL
, salt BLOB) STRICT;

CREATE TABLE shapes (
  shape_id INTEGER PRIMARY KEY,
  fields TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE source_kinds (
  kind TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE spans (
  state_id INTEGER NOT NULL REFERENCES states,
  from_place INTEGER NOT NULL,
  to_place INTEGER NOT NULL CHECK (from_place < to_place),
  PRIMARY KEY (state_id, from_place)
) STRICT, WITHOUT ROWID;

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

CREATE INDEX states_by_login_alone ON states (source_id)
  WHERE row = 0 AND (account IS NULL OR substr(account, 1, 6) = 'login:');

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

CREATE TABLE stored_listed (
  row_id INTEGER PRIMARY KEY,
  host_id INTEGER NOT NULL REFERENCES hosts,
  id TEXT NOT NULL
) STRICT;

CREATE TABLE stored_memberships (
  row_id INTEGER PRIMARY KEY,
  organization TEXT NOT NULL,
  repository TEXT NOT NULL,
  role TEXT NOT NULL
) STRICT;

CREATE TABLE "stored_snapshots" (
  snapshot_id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL REFERENCES "stored_sources",
  place INTEGER NOT NULL CHECK (place >= 0),
  imported_at INTEGER NOT NULL,
  taken_at_from TEXT NOT NULL
    CHECK (taken_at_from IN ('option', 'content', 'file-name', 'modified', 'now')),
  format TEXT NOT NULL,
  file TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  -- Records in the file; distinct accounts stored (null where the kind holds none).
  rows INTEGER NOT NULL,
  accounts INTEGER,
  -- The totals that the file states.
  consumed INTEGER,
  purchased INTEGER,
  complete INTEGER CHECK (complete IN (0, 1)),
  partial INTEGER NOT NULL CHECK (partial IN (0, 1)),
  -- Why a short snapshot was accepted, in the words of who accepted it.
  accepted_short TEXT,
  -- What the file says beside accounts, as a JSON object.
  facts TEXT NOT NULL,
  -- Warnings given at the import, as a JSON array.
  warnings TEXT NOT NULL,
  -- BLAKE3 of the multiset sum of the record hashes.
  content_hash BLOB NOT NULL, salt BLOB,
  UNIQUE (source_id, place)
) STRICT;

CREATE TABLE "stored_sources" (
  source_id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL REFERENCES source_kinds,
  -- The name at its first import; renaming is a declaration.
  name TEXT NOT NULL CHECK (name <> '')
) STRICT;

CREATE TABLE voidings (
  voiding_id INTEGER PRIMARY KEY,
  snapshot_id INTEGER NOT NULL REFERENCES "stored_snapshots",
  voided INTEGER NOT NULL CHECK (voided IN (0, 1)),
  reason TEXT,
  declared_at INTEGER NOT NULL
, salt BLOB) STRICT;

CREATE INDEX voidings_by_snapshot ON voidings (snapshot_id);

CREATE VIEW named_sources AS
SELECT source_id, kind, coalesce((
    SELECT value FROM declarations
    WHERE declarations.source_id = stored_sources.source_id AND what = 'name'
    ORDER BY declaration_id DESC LIMIT 1), name) AS name
FROM stored_sources;

CREATE VIEW valid_snapshots AS
SELECT * FROM stored_snapshots
WHERE partial = 0 AND snapshot_id NOT IN (SELECT snapshot_id FROM voided_snapshots);

CREATE VIEW voided_snapshots AS
SELECT snapshot_id FROM (
  SELECT snapshot_id, voided, max(voiding_id) FROM voidings GROUP BY snapshot_id
) WHERE voided = 1;
