-- The public views: what a reader of the file sees, with this program or without it. Instants are
-- ISO text, UTC. Every expression is cast, so that readers that ask for the type of each column
-- find one (SQLite tells it since 3.41), and comparisons are made by it.
--
-- Views whose names begin with an underscore are not public: the others are made of them. _asked
-- holds the instant that is asked about. In the file it is the newest there is; for `oneseat query
-- --as-of --known-on` all views but _asked are made again as temporary ones, over a temporary
-- table _asked: so there is one definition of each, as of any instant.
--
-- DuckDB reads the text of a view with a grammar of its own when it attaches the file, and does not
-- know all of SQLite's: what it stumbles over stands one view deeper (_told_…), where only SQLite
-- looks.
--
-- Recreated on open when this text has changed: one statement after another, each ended by a
-- semicolon and an empty line.

CREATE VIEW _asked AS
SELECT max(place) / 65536 AS as_of, 9223372036854775807 AS known_on
FROM valid_snapshots;

-- Sources with what is declared of them at the instant: of several declarations the one valid from
-- latest counts; the end of a retirement takes back what was said before it, from whatever day on.
CREATE VIEW _sources AS
SELECT source_id, kind, coalesce((
    SELECT value FROM declarations
    WHERE declarations.source_id = stored_sources.source_id AND what = 'name'
      AND declared_at <= known_on
    ORDER BY declaration_id DESC LIMIT 1), name) AS name,
  CASE kind WHEN 'cloud' THEN coalesce((
    SELECT value FROM declarations
    WHERE declarations.source_id = stored_sources.source_id AND what = 'billing-model'
      AND declared_at <= known_on AND coalesce(valid_from, 0) <= as_of
    ORDER BY coalesce(valid_from, -1) DESC, declaration_id DESC LIMIT 1), 'volume') END
    AS billing_model, (
    SELECT value FROM declarations
    WHERE declarations.source_id = stored_sources.source_id AND what = 'enterprise'
      AND declared_at <= known_on AND coalesce(valid_from, 0) <= as_of
    ORDER BY coalesce(valid_from, -1) DESC, declaration_id DESC LIMIT 1) AS enterprise, coalesce((
    SELECT max(CASE value WHEN 'true' THEN declaration_id ELSE 0 END) > max(
      CASE value WHEN 'true' THEN 0 ELSE declaration_id END) FROM declarations
    WHERE declarations.source_id = stored_sources.source_id AND what = 'retired'
      AND declared_at <= known_on AND coalesce(valid_from, 0) <= as_of), 0) AS retired
FROM stored_sources CROSS JOIN _asked;

-- Every snapshot, and whether it counts: known, taken by the instant, neither voided nor partial.
CREATE VIEW _snapshots AS
SELECT stored_snapshots.*, kind, imported_at <= known_on AND place / 65536 <= as_of AS known,
  voided_at, void_reason,
  partial = 0 AND voided_at IS NULL AND imported_at <= known_on AND place / 65536 <= as_of
    AND kind IN ('cloud', 'server', 'server-as-synced') AS counts
FROM stored_snapshots JOIN stored_sources USING (source_id) CROSS JOIN _asked LEFT JOIN (
  SELECT snapshot_id, iif(voided, declared_at, NULL) AS voided_at,
    iif(voided, reason, NULL) AS void_reason, max(voiding_id)
  FROM voidings CROSS JOIN _asked
  WHERE declared_at <= known_on
  GROUP BY snapshot_id) USING (snapshot_id);

-- For every place of a source the first place from there on that counts: what the spans between
-- places become once snapshots that do not count are passed over.
CREATE VIEW _places AS
SELECT passed.source_id, passed.place, held_place / 65536 AS held_at, snapshot_id
FROM (
  SELECT source_id, place, min(iif(counts, place, NULL)) OVER (
      PARTITION BY source_id ORDER BY place ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
    ) AS held_place
  FROM _snapshots) AS passed
  LEFT JOIN stored_snapshots AS held
    ON held.source_id = passed.source_id AND held.place = held_place;

-- The snapshots in force.
CREATE VIEW _in_force AS
SELECT source_id, kind, name, billing_model, place, snapshot_id
FROM _sources JOIN (
  SELECT source_id, max(place) AS place, snapshot_id
  FROM _snapshots WHERE counts GROUP BY source_id) USING (source_id)
WHERE NOT retired;

-- Where in the records of each form the fields stand that have a column.
CREATE VIEW _fields AS
SELECT shape_id,
  max(iif(value = 'github_com_name', key, NULL)) AS cloud_name,
  max(iif(value = 'name', key, NULL)) AS name,
  max(iif(value IN ('profile_name', 'profileName'), key, NULL)) AS profile_name,
  max(iif(value = 'license_type', key, NULL)) AS license_type,
  max(iif(value = 'github_com_enterprise_roles', key, NULL)) AS enterprise_roles,
  max(iif(value = 'github_com_enterprise_role', key, NULL)) AS enterprise_role,
  max(iif(value = 'github_com_cost_center', key, NULL)) AS cost_center,
  max(iif(value IN ('dormant?', 'dormant'), key, NULL)) AS dormant,
  max(iif(value = 'last_active', key, NULL)) AS last_active
FROM shapes CROSS JOIN json_each(fields)
GROUP BY shape_id;

-- States in words.
CREATE VIEW _states AS
SELECT states.state_id, states.account_id, source_id, row, roles,
  CAST(identity AS TEXT) AS account,
  CAST(CASE row WHEN 0 THEN 'server' WHEN 1 THEN 'cloud' WHEN 2 THEN 'server_only'
    WHEN 3 THEN 'visual_studio_only' ELSE 'invited' END AS TEXT) AS kind,
  CAST(nullif(login, '') AS TEXT) AS login,
  CAST(iif(row = 0 AND substr(identity, 1, 3) = 'id:', substr(identity, 4), NULL) AS TEXT) AS id,
  CAST((SELECT iif(lower(text) IN ('n/a', '#n/a', '(none)', '(null)', '[]', '{}', '""', '\n',
      '[object object]', 'system.object[]', 'system.string[]'), NULL, text)
    FROM (SELECT iif(row = 0,
      coalesce(nullif(trim(content ->> name), ''), nullif(trim(content ->> profile_name), '')),
      iif(json_type(content, '$[' || cloud_name || ']') IN ('object', 'array'), NULL,
        nullif(trim(content ->> cloud_name), ''))) AS text)) AS TEXT) AS name,
  -- An object or a list where one text belongs is none.
  CAST(iif(json_type(content, '$[' || license_type || ']') IN ('object', 'array'), NULL,
    nullif(content ->> license_type, '')) AS TEXT) AS license_type,
  -- A list as a text, whether the file has it as a JSON array or in a cell.
  CAST(CASE json_type(content, '$[' || enterprise_roles || ']')
    WHEN 'array' THEN (SELECT group_concat(value, '; ') FROM json_each(content -> enterprise_roles))
    ELSE nullif(coalesce(nullif(content ->> enterprise_roles, ''), content ->> enterprise_role), '')
    END AS TEXT) AS enterprise_roles,
  CAST(iif(json_type(content, '$[' || cost_center || ']') IN ('object', 'array'), NULL,
    nullif(content ->> cost_center, '')) AS TEXT) AS cost_center,
  CAST(suspended AS INTEGER) AS suspended,
  CAST(CASE lower(content ->> dormant) WHEN 'true' THEN 1 WHEN '1' THEN 1
    WHEN 'false' THEN 0 WHEN '0' THEN 0 END AS INTEGER) AS dormant,
  CAST(nullif(content ->> last_active, '') AS TEXT) AS last_active
FROM states JOIN stored_accounts USING (account_id) JOIN records USING (state_id)
  JOIN _fields USING (shape_id);

CREATE VIEW _told_sources AS
SELECT CAST(kind AS TEXT) AS kind, CAST(name AS TEXT) AS name,
  CAST(enterprise AS TEXT) AS enterprise, CAST(billing_model AS TEXT) AS billing_model,
  CAST(retired AS INTEGER) AS retired, CAST(count(*) AS INTEGER) AS snapshots,
  CAST(strftime('%Y-%m-%dT%H:%M:%SZ', min(place) / 65536, 'unixepoch') AS TEXT) AS first_taken_at,
  CAST(strftime('%Y-%m-%dT%H:%M:%SZ', max(place) / 65536, 'unixepoch') AS TEXT) AS last_taken_at
FROM _sources JOIN (SELECT source_id, place FROM _snapshots WHERE known) USING (source_id)
GROUP BY source_id;

CREATE VIEW sources AS SELECT * FROM _told_sources ORDER BY kind, name;

CREATE VIEW _told_snapshots AS
SELECT CAST(_snapshots.snapshot_id AS INTEGER) AS id, CAST(_sources.kind AS TEXT) AS source_kind,
  CAST(_sources.name AS TEXT) AS source,
  CAST(strftime('%Y-%m-%dT%H:%M:%SZ', _snapshots.place / 65536, 'unixepoch') AS TEXT) AS taken_at,
  CAST(strftime('%Y-%m-%dT%H:%M:%SZ', imported_at, 'unixepoch') AS TEXT) AS imported_at,
  CAST(format AS TEXT) AS format, CAST(file AS TEXT) AS file, CAST(sha256 AS TEXT) AS sha256,
  CAST(rows AS INTEGER) AS rows, CAST(accounts AS INTEGER) AS accounts,
  CAST(consumed AS INTEGER) AS reported_consumed,
  CAST(purchased AS INTEGER) AS reported_purchased, CAST(complete AS INTEGER) AS complete,
  CAST(partial AS INTEGER) AS partial, CAST(accepted_short AS TEXT) AS accepted_short,
  CAST(strftime('%Y-%m-%dT%H:%M:%SZ', voided_at, 'unixepoch') AS TEXT) AS voided_at,
  CAST(void_reason AS TEXT) AS void_reason,
  CAST(_snapshots.snapshot_id IN (SELECT snapshot_id FROM _in_force) AS INTEGER) AS in_force,
  CAST(lower(hex(content_hash)) AS TEXT) AS content_hash
FROM _snapshots JOIN _sources USING (source_id)
WHERE known;

CREATE VIEW snapshots AS SELECT * FROM _told_snapshots ORDER BY taken_at, id;

CREATE VIEW _told_accounts AS
SELECT CAST(_in_force.kind AS TEXT) AS source_kind, CAST(_in_force.name AS TEXT) AS source,
  account, _states.kind AS kind, login, id, _states.name AS name, license_type, enterprise_roles,
  cost_center, suspended, dormant, last_active,
  -- Takes part in counting: a Cloud row that takes a seat, a Server account that is looked at. An
  -- instance that speaks for itself silences what Cloud has synced of it.
  CAST(CASE row
    WHEN 0 THEN suspended IS NOT 1 AND lower(coalesce(login, '')) NOT IN ('ghost', 'scim-admin')
      AND (_in_force.kind = 'server' OR _in_force.name NOT IN (
        SELECT name FROM _in_force WHERE kind = 'server'
        UNION ALL SELECT stored_sources.name FROM _in_force JOIN stored_sources USING (source_id)
        WHERE _in_force.kind = 'server'
        UNION ALL SELECT value FROM _in_force JOIN declarations USING (source_id)
        WHERE kind = 'server' AND what IN ('alias', 'name')))
    WHEN 1 THEN billing_model = 'volume' OR roles <> 2
    WHEN 4 THEN billing_model = 'volume'
    ELSE 0 END AS INTEGER) AS counted,
  CAST(strftime('%Y-%m-%dT%H:%M:%SZ', _in_force.place / 65536, 'unixepoch') AS TEXT) AS taken_at,
  CAST(snapshot_id AS INTEGER) AS snapshot
FROM _in_force JOIN spans ON spans.source_id = _in_force.source_id
    AND from_place <= _in_force.place AND to_place > _in_force.place
  JOIN _states USING (state_id);

CREATE VIEW accounts AS SELECT * FROM _told_accounts;

CREATE VIEW account_history AS
SELECT CAST(_sources.kind AS TEXT) AS source_kind, CAST(_sources.name AS TEXT) AS source,
  account, _states.kind AS kind, login, id, _states.name AS name, license_type, enterprise_roles,
  cost_center, suspended, dormant, last_active,
  CAST(strftime('%Y-%m-%dT%H:%M:%SZ', begun.held_at, 'unixepoch') AS TEXT) AS valid_from,
  CAST(strftime('%Y-%m-%dT%H:%M:%SZ', ended.held_at, 'unixepoch') AS TEXT) AS valid_to,
  CAST(begun.snapshot_id AS INTEGER) AS first_snapshot,
  CAST(ended.snapshot_id AS INTEGER) AS end_snapshot
FROM spans
  JOIN _places AS begun ON begun.source_id = spans.source_id AND begun.place = from_place
  LEFT JOIN _places AS ended ON ended.source_id = spans.source_id AND ended.place = to_place
  JOIN _sources ON _sources.source_id = spans.source_id
  JOIN _states USING (state_id)
WHERE begun.held_at IS NOT NULL AND (ended.held_at IS NULL OR begun.held_at < ended.held_at);

CREATE VIEW emails AS
SELECT CAST(_in_force.kind AS TEXT) AS source_kind, CAST(_in_force.name AS TEXT) AS source,
  CAST(identity AS TEXT) AS account, CAST(nullif(login, '') AS TEXT) AS login,
  CAST(iif(row = 0 AND substr(identity, 1, 3) = 'id:', substr(identity, 4), NULL) AS TEXT) AS id,
  CAST(CASE addresses.kind WHEN 1 THEN 'primary' WHEN 2 THEN 'secondary' WHEN 3 THEN 'saml_name_id'
    WHEN 4 THEN 'verified' WHEN 5 THEN 'server' WHEN 6 THEN 'visual_studio'
    ELSE 'invitation' END AS TEXT) AS kind,
  CAST(coalesce(text, key) AS TEXT) AS address, CAST(key AS TEXT) AS key
FROM _in_force JOIN spans ON spans.source_id = _in_force.source_id
    AND from_place <= _in_force.place AND to_place > _in_force.place
  JOIN states USING (state_id) JOIN stored_accounts USING (account_id)
  JOIN addresses USING (state_id) JOIN keys USING (key_id);

CREATE VIEW memberships AS
SELECT CAST(_in_force.name AS TEXT) AS source, CAST(identity AS TEXT) AS account,
  CAST(nullif(login, '') AS TEXT) AS login, CAST(organization AS TEXT) AS organization,
  CAST(nullif(repository, '') AS TEXT) AS repository, CAST(nullif(role, '') AS TEXT) AS role
FROM _in_force JOIN spans ON spans.source_id = _in_force.source_id
    AND from_place <= _in_force.place AND to_place > _in_force.place
  JOIN states USING (state_id) JOIN stored_accounts USING (account_id)
  JOIN stored_memberships USING (state_id);

CREATE VIEW fields AS
SELECT CAST(_in_force.kind AS TEXT) AS source_kind, CAST(_in_force.name AS TEXT) AS source,
  CAST(identity AS TEXT) AS account, CAST(nullif(login, '') AS TEXT) AS login,
  CAST(iif(row = 0 AND substr(identity, 1, 3) = 'id:', substr(identity, 4), NULL) AS TEXT) AS id,
  CAST(named.value AS TEXT) AS field, CAST(content ->> named.key AS TEXT) AS value
FROM _in_force JOIN spans ON spans.source_id = _in_force.source_id
    AND from_place <= _in_force.place AND to_place > _in_force.place
  JOIN states USING (state_id) JOIN stored_accounts USING (account_id)
  JOIN records USING (state_id) JOIN shapes USING (shape_id)
  CROSS JOIN json_each(shapes.fields) AS named;
