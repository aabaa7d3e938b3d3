-- The first schema: sources, snapshots, and the states of accounts with the spans in which they
-- held (history as intervals, not copies).
--
-- Instants are whole seconds UTC. A *place* is a point on a source's own time line: the instant
-- times 65536 plus the arrival number among the snapshots of that instant, so that a voided
-- snapshot keeps its content beside the one that replaced it. A span is half-open,
-- from_place <= place < to_place, and open-ended (9223372036854775807) if the state still holds.
-- States and records are never changed; spans are bookkeeping and may be split or extended.

CREATE TABLE sources (
  source_id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('cloud', 'server', 'server-as-synced', 'server-info',
    'visual-studio', 'server-license', 'sync-status', 'cost-centers')),
  -- The name at its first import; renaming is a declaration.
  name TEXT NOT NULL CHECK (name <> '')
) STRICT;

-- What the user has declared of a source. Nothing is taken back: among the declarations that hold
-- at an instant, the newest counts.
CREATE TABLE declarations (
  declaration_id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL REFERENCES sources,
  what TEXT NOT NULL CHECK (what IN ('name', 'billing-model', 'enterprise', 'alias', 'retired')),
  value TEXT NOT NULL,
  -- From when on it holds; null: always.
  valid_from INTEGER,
  declared_at INTEGER NOT NULL
) STRICT;

CREATE INDEX declarations_by_source ON declarations (source_id);

-- The sources under the names that they have now.
CREATE VIEW named_sources AS
SELECT source_id, kind, coalesce((
    SELECT value FROM declarations
    WHERE declarations.source_id = sources.source_id AND what = 'name'
    ORDER BY declaration_id DESC LIMIT 1), name) AS name
FROM sources;

CREATE TABLE snapshots (
  snapshot_id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL REFERENCES sources,
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
  content_hash BLOB NOT NULL,
  UNIQUE (source_id, place)
) STRICT;

-- Snapshots are never deleted: they are voided, and may be restored. The newest line counts.
CREATE TABLE voidings (
  voiding_id INTEGER PRIMARY KEY,
  snapshot_id INTEGER NOT NULL REFERENCES snapshots,
  voided INTEGER NOT NULL CHECK (voided IN (0, 1)),
  reason TEXT,
  declared_at INTEGER NOT NULL
) STRICT;

CREATE INDEX voidings_by_snapshot ON voidings (snapshot_id);

CREATE VIEW voided_snapshots AS
SELECT snapshot_id FROM (
  SELECT snapshot_id, voided, max(voiding_id) FROM voidings GROUP BY snapshot_id
) WHERE voided = 1;

-- The snapshots that can be in force.
CREATE VIEW valid_snapshots AS
SELECT * FROM snapshots
WHERE partial = 0 AND snapshot_id NOT IN (SELECT snapshot_id FROM voided_snapshots);

-- The multiset sum at each source's newest place, so that the next one is kept by changes.
CREATE TABLE content_sums (
  source_id INTEGER PRIMARY KEY REFERENCES sources,
  place INTEGER NOT NULL,
  sum BLOB NOT NULL
) STRICT;

CREATE TABLE accounts (
  account_id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL REFERENCES sources,
  -- What makes it the same account in two snapshots (counting.md section 2).
  identity TEXT NOT NULL,
  UNIQUE (source_id, identity)
) STRICT;

-- The names of the fields of records, shared by all records of the same form: a JSON array.
CREATE TABLE shapes (
  shape_id INTEGER PRIMARY KEY,
  fields TEXT NOT NULL UNIQUE
) STRICT;

-- What counting needs of a state: narrow, so that a scan is quick. All of it follows from the
-- record's text.
CREATE TABLE states (
  state_id INTEGER PRIMARY KEY,
  account_id INTEGER NOT NULL REFERENCES accounts,
  -- 0 Server account, 1 Cloud account, 2 Server-only, 3 Visual Studio only, 4 invited by e-mail.
  row INTEGER NOT NULL CHECK (row BETWEEN 0 AND 4),
  -- Enterprise roles: 0 none, 1 held, 2 all pending.
  roles INTEGER NOT NULL CHECK (roles BETWEEN 0 AND 2),
  visual_studio INTEGER NOT NULL CHECK (visual_studio IN (0, 1)),
  suspended INTEGER CHECK (suspended IN (0, 1)),
  login TEXT NOT NULL,
  -- An unsalted hash for finding changes; forgetting clears it.
  digest BLOB
) STRICT;

-- The evidence: what the file said, and a salted hash of it.
CREATE TABLE records (
  state_id INTEGER PRIMARY KEY REFERENCES states,
  shape_id INTEGER NOT NULL REFERENCES shapes,
  -- The values of the shape's fields: a JSON array.
  content TEXT NOT NULL,
  salt BLOB NOT NULL,
  -- BLAKE3 of salt, fields and content.
  record_hash BLOB NOT NULL
) STRICT;

CREATE TABLE spans (
  state_id INTEGER NOT NULL REFERENCES states,
  from_place INTEGER NOT NULL,
  to_place INTEGER NOT NULL CHECK (from_place < to_place),
  source_id INTEGER NOT NULL REFERENCES sources,
  PRIMARY KEY (state_id, from_place)
) STRICT, WITHOUT ROWID;

CREATE TABLE keys (
  key_id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE
) STRICT;

-- The addresses of a state. The text as received, where it differs from the key.
CREATE TABLE addresses (
  state_id INTEGER NOT NULL REFERENCES states,
  -- 1 primary, 2 secondary, 3 SAML NameID, 4 verified, 5 Server, 6 Visual Studio, 7 invitation.
  kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 7),
  key_id INTEGER NOT NULL REFERENCES keys,
  text TEXT,
  PRIMARY KEY (state_id, kind, key_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE hosts (
  host_id INTEGER PRIMARY KEY,
  host TEXT NOT NULL UNIQUE
) STRICT;

-- The Server accounts that a Cloud row lists; host '' for a bare id.
CREATE TABLE listed (
  state_id INTEGER NOT NULL REFERENCES states,
  host_id INTEGER NOT NULL REFERENCES hosts,
  id TEXT NOT NULL,
  PRIMARY KEY (state_id, host_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE memberships (
  state_id INTEGER NOT NULL REFERENCES states,
  organization TEXT NOT NULL,
  repository TEXT NOT NULL,
  role TEXT NOT NULL,
  PRIMARY KEY (state_id, organization, repository, role)
) STRICT, WITHOUT ROWID;

-- One line for each writing command: what was done, as JSON, chained by hash to the line before.
CREATE TABLE journal (
  line INTEGER PRIMARY KEY,
  entry TEXT NOT NULL,
  previous BLOB NOT NULL,
  -- BLAKE3 of previous and entry; the newest is the head.
  hash BLOB NOT NULL
) STRICT;

CREATE INDEX spans_by_source ON spans (source_id, to_place, from_place);
CREATE INDEX states_by_account ON states (account_id);
CREATE INDEX addresses_by_key ON addresses (key_id);
CREATE INDEX listed_by_id ON listed (host_id, id);
