-- The public views: what a reader of the file sees, with this program or without it. Instants are
-- ISO text, UTC. Every expression is cast, so that readers that ask for the type of each column
-- find one (SQLite tells it since 3.41), and comparisons are made by it.
--
-- Views whose names begin with an underscore are not public: the others are made of them. _asked
-- holds the instant that is asked about, and the numbers below which things are known. In the file
-- that is the newest there is, and everything; for `oneseat query --as-of --known-on` all views but
-- _asked are made again as temporary ones, over a temporary table _asked: so there is one definition
-- of each, as of any instant.
--
-- DuckDB reads the text of a view with a grammar of its own when it attaches the file, and does not
-- know all of SQLite's: what it stumbles over stands one view deeper (_told_…), where only SQLite
-- looks.
--
-- Recreated on open when this text has changed: one statement after another, each ended by a
-- semicolon and an empty line.

CREATE VIEW _asked AS
SELECT max(place) / 65536 AS as_of, 9223372036854775807 AS snapshots_before,
  9223372036854775807 AS voidings_before, 9223372036854775807 AS declarations_before,
  9223372036854775807 AS links_before, 9223372036854775807 AS lines_before
FROM valid_snapshots;

-- Sources with what is declared of them at the instant: of several declarations the one valid from
-- latest counts; the end of a retirement takes back what was said before it, from whatever day on.
CREATE VIEW _declared_sources AS
SELECT source_id, kind, coalesce((
    SELECT value FROM declarations
    WHERE declarations.source_id = stored_sources.source_id AND what = 'name'
      AND declaration_id < declarations_before
    ORDER BY declaration_id DESC LIMIT 1), name) AS name,
  CASE kind WHEN 'cloud' THEN coalesce((
    SELECT value FROM declarations
    WHERE declarations.source_id = stored_sources.source_id AND what = 'billing-model'
      AND declaration_id < declarations_before AND coalesce(valid_from, 0) <= as_of
    ORDER BY coalesce(valid_from, -1) DESC, declaration_id DESC LIMIT 1), 'volume') END
    AS billing_model, (
    SELECT value FROM declarations
    WHERE declarations.source_id = stored_sources.source_id AND what = 'enterprise'
      AND declaration_id < declarations_before AND coalesce(valid_from, 0) <= as_of
    ORDER BY coalesce(valid_from, -1) DESC, declaration_id DESC LIMIT 1) AS enterprise, coalesce((
    SELECT max(CASE value WHEN 'true' THEN declaration_id ELSE 0 END) > max(
      CASE value WHEN 'true' THEN 0 ELSE declaration_id END) FROM declarations
    WHERE declarations.source_id = stored_sources.source_id AND what = 'retired'
      AND declaration_id < declarations_before AND coalesce(valid_from, 0) <= as_of), 0) AS retired
FROM stored_sources CROSS JOIN _asked;

-- A retirement holds for the name, whatever kind of file comes under it; a directory may have the
-- name of an enterprise.
CREATE VIEW _sources AS
SELECT source_id, kind, name, billing_model, enterprise, max(retired) OVER (PARTITION BY name,
    kind IN ('server', 'server-as-synced', 'server-info', 'server-license'), kind = 'directory')
    AS retired
FROM _declared_sources;

-- Every snapshot, and whether it counts: known, taken by the instant, neither voided nor partial.
CREATE VIEW _snapshots AS
SELECT stored_snapshots.*, kind, snapshot_id < snapshots_before AND place / 65536 <= as_of AS known,
  voided_at, void_reason,
  partial = 0 AND voided_at IS NULL AND snapshot_id < snapshots_before AND place / 65536 <= as_of
    AND kind IN ('cloud', 'server', 'server-as-synced') AS counts
FROM stored_snapshots JOIN stored_sources USING (source_id) CROSS JOIN _asked LEFT JOIN (
  SELECT snapshot_id, iif(voided, declared_at, NULL) AS voided_at,
    iif(voided, reason, NULL) AS void_reason, max(voiding_id)
  FROM voidings CROSS JOIN _asked
  WHERE voiding_id < voidings_before
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

-- What belongs to a state stands under these numbers.
CREATE VIEW _identities AS
SELECT *, coalesce(account, 'login:' || lower(login)) AS identity,
  state_id * 1048576 AS first_row, state_id * 1048576 + 1048575 AS last_row, (
    SELECT place FROM stored_snapshots WHERE stored_snapshots.snapshot_id = states.snapshot_id)
    AS begun
FROM states;

-- The states in force. (CROSS JOIN says in which order tables are gone through: the states once.)
CREATE VIEW _holding AS
SELECT _identities.state_id, _identities.source_id, row, roles, suspended, login, identity, shape_id,
  content, first_row, last_row, _in_force.kind AS source_kind, name AS source, billing_model, place,
  _in_force.snapshot_id
FROM _identities CROSS JOIN _in_force ON _in_force.source_id = _identities.source_id
WHERE CASE WHEN state_id IN (SELECT state_id FROM spans)
  THEN EXISTS (SELECT 1 FROM spans WHERE spans.state_id = _identities.state_id
    AND from_place <= place AND to_place > place)
  ELSE begun <= place END;

-- Every span in which a state held.
CREATE VIEW _spans AS
SELECT spans.state_id, source_id, from_place, to_place
FROM spans CROSS JOIN states USING (state_id)
UNION ALL
SELECT state_id, source_id, begun, 9223372036854775807
FROM _identities
WHERE state_id NOT IN (SELECT state_id FROM spans);

-- States in words.
CREATE VIEW _states AS
SELECT state_id, account_id, source_id, row, roles,
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
FROM _identities JOIN _fields USING (shape_id);

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
SELECT CAST(source_kind AS TEXT) AS source_kind, CAST(source AS TEXT) AS source,
  account, _states.kind AS kind, _states.login, id, _states.name AS name, license_type,
  enterprise_roles, cost_center, _states.suspended, dormant, last_active,
  -- Takes part in counting: a Cloud row that takes a seat, a Server account that is looked at. An
  -- instance that speaks for itself silences what Cloud has synced of it.
  CAST(CASE _states.row
    WHEN 0 THEN _states.suspended IS NOT 1
      AND lower(coalesce(_states.login, '')) NOT IN ('ghost', 'scim-admin')
      AND (source_kind = 'server' OR source NOT IN (
        SELECT name FROM _in_force WHERE kind = 'server'
        UNION ALL SELECT stored_sources.name FROM _in_force JOIN stored_sources USING (source_id)
        WHERE _in_force.kind = 'server'
        UNION ALL SELECT value FROM _in_force JOIN declarations USING (source_id)
        WHERE kind = 'server' AND what IN ('alias', 'name')))
    WHEN 1 THEN billing_model = 'volume' OR _states.roles <> 2
    WHEN 4 THEN billing_model = 'volume'
    ELSE 0 END AS INTEGER) AS counted,
  CAST(strftime('%Y-%m-%dT%H:%M:%SZ', place / 65536, 'unixepoch') AS TEXT) AS taken_at,
  CAST(snapshot_id AS INTEGER) AS snapshot
FROM _holding CROSS JOIN _states ON _states.state_id = _holding.state_id;

CREATE VIEW accounts AS SELECT * FROM _told_accounts;

CREATE VIEW _told_account_history AS
SELECT CAST(_sources.kind AS TEXT) AS source_kind, CAST(_sources.name AS TEXT) AS source,
  account, _states.kind AS kind, login, id, _states.name AS name, license_type, enterprise_roles,
  cost_center, suspended, dormant, last_active,
  CAST(strftime('%Y-%m-%dT%H:%M:%SZ', begun.held_at, 'unixepoch') AS TEXT) AS valid_from,
  CAST(strftime('%Y-%m-%dT%H:%M:%SZ', ended.held_at, 'unixepoch') AS TEXT) AS valid_to,
  CAST(begun.snapshot_id AS INTEGER) AS first_snapshot,
  CAST(ended.snapshot_id AS INTEGER) AS end_snapshot
FROM _spans
  JOIN _places AS begun ON begun.source_id = _spans.source_id AND begun.place = from_place
  LEFT JOIN _places AS ended ON ended.source_id = _spans.source_id AND ended.place = to_place
  JOIN _sources ON _sources.source_id = _spans.source_id
  JOIN _states USING (state_id)
WHERE begun.held_at IS NOT NULL AND (ended.held_at IS NULL OR begun.held_at < ended.held_at);

CREATE VIEW account_history AS SELECT * FROM _told_account_history;

CREATE VIEW _kinds AS
SELECT column1 AS bit, column2 AS kind FROM (VALUES (1, 'primary'), (2, 'secondary'),
  (4, 'saml_name_id'), (8, 'verified'), (16, 'server'), (32, 'visual_studio'), (64, 'invitation'));

CREATE VIEW _told_emails AS
SELECT CAST(source_kind AS TEXT) AS source_kind, CAST(source AS TEXT) AS source,
  CAST(identity AS TEXT) AS account, CAST(nullif(login, '') AS TEXT) AS login,
  CAST(iif(row = 0 AND substr(identity, 1, 3) = 'id:', substr(identity, 4), NULL) AS TEXT) AS id,
  CAST(_kinds.kind AS TEXT) AS kind, CAST(text AS TEXT) AS address,
  CAST(coalesce(key, lower(trim(text))) AS TEXT) AS key
FROM _holding CROSS JOIN addresses ON row_id BETWEEN first_row AND last_row
  CROSS JOIN _kinds ON kinds & bit;

CREATE VIEW emails AS SELECT * FROM _told_emails;

CREATE VIEW _told_memberships AS
SELECT CAST(source_kind AS TEXT) AS source_kind, CAST(source AS TEXT) AS source,
  CAST(identity AS TEXT) AS account,
  CAST(nullif(login, '') AS TEXT) AS login, CAST(organization AS TEXT) AS organization,
  CAST(nullif(repository, '') AS TEXT) AS repository, CAST(nullif(role, '') AS TEXT) AS role
FROM _holding CROSS JOIN stored_memberships ON row_id BETWEEN first_row AND last_row;

CREATE VIEW memberships AS SELECT * FROM _told_memberships;

CREATE VIEW _told_fields AS
SELECT CAST(source_kind AS TEXT) AS source_kind, CAST(source AS TEXT) AS source,
  CAST(identity AS TEXT) AS account, CAST(nullif(login, '') AS TEXT) AS login,
  CAST(iif(row = 0 AND substr(identity, 1, 3) = 'id:', substr(identity, 4), NULL) AS TEXT) AS id,
  CAST(named.value AS TEXT) AS field, CAST(content ->> named.key AS TEXT) AS value
FROM _holding CROSS JOIN shapes USING (shape_id) CROSS JOIN json_each(shapes.fields) AS named;

CREATE VIEW fields AS SELECT * FROM _told_fields;

-- What the snapshots say that hold no accounts, or say beside them: of each source the newest, and
-- of equally new ones one that is whole.
CREATE VIEW _facts AS
SELECT source_id, newest.kind, name, snapshot_id, newest.place, facts
FROM (
  SELECT source_id, snapshot_id, kind, place, row_number() OVER (
      PARTITION BY source_id ORDER BY place / 65536 DESC, partial, place DESC) AS nth
  FROM _snapshots
  WHERE known AND voided_at IS NULL
    AND (counts OR kind NOT IN ('cloud', 'server', 'server-as-synced'))) AS newest
  JOIN _sources USING (source_id) JOIN stored_snapshots USING (source_id, snapshot_id)
WHERE nth = 1 AND NOT retired;

-- Texts that say that there is nothing (counting.md section 2).
CREATE VIEW _absent AS
SELECT column1 AS word FROM (VALUES (''), ('null'), ('none'), ('nil'), ('nan'), ('n/a'), ('na'),
  ('#n/a'), ('undefined'), ('unknown'), ('-'), ('--'), ('?'), ('(none)'), ('(null)'), ('[]'), ('{}'),
  ('""'), ('[object object]'), ('system.object[]'), ('system.string[]'), ('\n'));

-- The fields of each subscription that say something, by the letters of their names: columns are
-- named in many ways (model/subscription.rs reads them likewise).
CREATE VIEW _subscription_fields AS
SELECT source_id, _facts.name AS source, snapshot_id, place, lists.key AS list, rows.key AS row,
  lower(replace(replace(replace(replace(replace(replace(replace(
    fields.key, ' ', ''), '-', ''), '_', ''), '(', ''), ')', ''), '.', ''), '/', '')) AS letters,
  CASE fields.type WHEN 'true' THEN '1' WHEN 'false' THEN '0' WHEN 'null' THEN NULL
    WHEN 'object' THEN NULL WHEN 'array' THEN NULL
    ELSE nullif(trim(fields.value), '') END AS value
FROM _facts CROSS JOIN json_each(facts) AS lists
  CROSS JOIN json_each(iif(lists.type = 'array', lists.value, '[]')) AS rows
  CROSS JOIN json_each(iif(rows.type = 'object', rows.value, '{}')) AS fields
WHERE kind = 'visual-studio';

CREATE VIEW _subscription_rows AS
SELECT source, snapshot_id, place, list, row,
  coalesce(max(iif(letters = 'visualstudiosubscriptionemail', value, NULL)),
    max(iif(letters = 'signinemailaddress', value, NULL)),
    max(iif(letters = 'signinemail', value, NULL)),
    max(iif(letters = 'assignedtoemailaddress', value, NULL)),
    max(iif(letters = 'email', value, NULL)), max(iif(letters = 'emailaddress', value, NULL)),
    max(iif(letters = 'signin', value, NULL)), max(iif(letters = 'upn', value, NULL))) AS address,
  coalesce(max(iif(letters = 'subscriptionid', value, NULL)),
    max(iif(letters = 'subscriptionguid', value, NULL)),
    max(iif(letters = 'guid', value, NULL))) AS subscription_id,
  coalesce(max(iif(letters = 'subscribername', value, NULL)),
    max(iif(letters = 'name', value, NULL)),
    nullif(trim(coalesce(max(iif(letters = 'firstname', value, NULL)), '') || ' '
      || coalesce(max(iif(letters = 'lastname', value, NULL)), '')), '')) AS name,
  coalesce(max(iif(letters = 'subscriptionlevel', value, NULL)),
    max(iif(letters = 'level', value, NULL))) AS level,
  max(iif(letters = 'subscriptionstatus', value, NULL)) AS status,
  coalesce(max(iif(letters = 'assigned', value, NULL)),
    max(iif(letters = 'assigneddate', value, NULL)),
    max(iif(letters = 'assignmentdate', value, NULL))) AS assigned,
  coalesce(max(iif(letters = 'activated', value, NULL)),
    max(iif(letters = 'activateddate', value, NULL))) AS activated,
  coalesce(max(iif(letters = 'expirationdateutc', value, NULL)),
    max(iif(letters = 'expirationdate', value, NULL)),
    max(iif(letters = 'expires', value, NULL)),
    max(iif(letters = 'expirydate', value, NULL))) AS expiry,
  max(iif(letters = 'username', value, NULL)) AS username,
  max(iif(letters = 'manualmatch', value, NULL)) AS manual_match
FROM _subscription_fields
GROUP BY snapshot_id, list, row;

-- The three numbers of a day that does not begin with the year.
CREATE VIEW _subscription_days AS
SELECT snapshot_id, list, row, substr(day, 1, instr(day, '/') - 1) AS one,
  substr(rest, 1, instr(rest, '/') - 1) AS other,
  iif(length(substr(rest, instr(rest, '/') + 1)) = 2, '20', '')
    || substr(rest, instr(rest, '/') + 1) AS year
FROM (
  SELECT *, substr(day, instr(day, '/') + 1) AS rest
  FROM (
    SELECT snapshot_id, list, row, replace(replace(
      substr(expiry, 1, instr(expiry || ' ', ' ') - 1), '.', '/'), '-', '/') AS day
    FROM _subscription_rows
    WHERE expiry NOT GLOB '[0-9][0-9][0-9][0-9][-/]*'))
WHERE day GLOB '[0-9]*/[0-9]*/[0-9]*' AND day NOT GLOB '*[^0-9/]*' AND day NOT GLOB '*/*/*/*';

-- When each subscription expires, where that can be told: a column shows somewhere which of the two
-- numbers is the month, or it does not tell.
CREATE VIEW _subscription_ends AS
SELECT snapshot_id, list, row, iif(date(day, '+0 days') = day, day || 'T23:59:59Z', NULL) AS expires
FROM (
  SELECT snapshot_id, list, row, CASE
    WHEN month_first AND NOT day_first THEN printf('%s-%02d-%02d', year, one, other)
    WHEN day_first AND NOT month_first THEN printf('%s-%02d-%02d', year, other, one) END AS day
  FROM _subscription_days JOIN (
    SELECT snapshot_id, max(CAST(other AS INTEGER) > 12) AS month_first,
      max(CAST(one AS INTEGER) > 12) AS day_first
    FROM _subscription_days GROUP BY snapshot_id) USING (snapshot_id))
UNION ALL
SELECT snapshot_id, list, row, CASE length(expiry)
  WHEN 10 THEN iif(date(replace(expiry, '/', '-'), '+0 days') = replace(expiry, '/', '-'),
    replace(expiry, '/', '-') || 'T23:59:59Z', NULL)
  ELSE strftime('%Y-%m-%dT%H:%M:%SZ', replace(expiry, '/', '-')) END
FROM _subscription_rows
WHERE expiry GLOB '[0-9][0-9][0-9][0-9][-/]*';

CREATE VIEW _told_subscriptions AS
SELECT CAST(source AS TEXT) AS source, CAST(max(id) AS TEXT) AS subscription_id,
  CAST(max(mail) AS TEXT) AS email, CAST(lower(max(mail)) AS TEXT) AS key,
  CAST(max(name) AS TEXT) AS name, CAST(max(username) AS TEXT) AS username,
  CAST(max(CASE manual_match WHEN '1' THEN 1 WHEN '0' THEN 0 END) AS INTEGER) AS manual_match,
  CAST(max(level) AS TEXT) AS level, CAST(max(status) AS TEXT) AS status,
  CAST(max(assigned) AS TEXT) AS assigned, CAST(max(activated) AS TEXT) AS activated,
  CAST(max(expires) AS TEXT) AS expires,
  CAST(max(mail) IS NOT NULL
    AND coalesce(lower(max(status)), '') NOT IN ('unassigned', 'expired', 'disabled')
    AND coalesce(lower(max(level)) LIKE '%with github enterprise%', 1)
    AND coalesce(max(expires) >= strftime('%Y-%m-%dT%H:%M:%SZ', max(as_of), 'unixepoch'), 1)
    AS INTEGER) AS counted,
  CAST(strftime('%Y-%m-%dT%H:%M:%SZ', max(place) / 65536, 'unixepoch') AS TEXT) AS taken_at,
  CAST(snapshot_id AS INTEGER) AS snapshot
FROM (
  SELECT *, iif(lower(subscription_id) IN (SELECT word FROM _absent), NULL, subscription_id) AS id,
    iif(lower(address) IN (SELECT word FROM _absent), NULL, address) AS mail
  FROM _subscription_rows LEFT JOIN _subscription_ends USING (snapshot_id, list, row))
  CROSS JOIN _asked
GROUP BY snapshot_id, coalesce('id ' || lower(id),
  lower(mail) || ' ' || lower(coalesce(level, '')), list || ' ' || row);

CREATE VIEW visual_studio_subscriptions AS
SELECT * FROM _told_subscriptions ORDER BY source, email, subscription_id;

-- The cost centers: of the newest whole list, and of the answers about one center alone that came
-- after it, each of which changes that center only.
CREATE VIEW _center_snapshots AS
SELECT source_id, snapshot_id, place, facts
FROM _snapshots JOIN _sources USING (source_id)
WHERE known AND voided_at IS NULL AND NOT retired AND _snapshots.kind = 'cost-centers';

CREATE VIEW _centers AS
SELECT source_id, snapshot_id, place, center FROM (
  SELECT source_id, snapshot_id, place, centers.value AS center, row_number() OVER (
      PARTITION BY source_id, coalesce('id ' || lower(centers.value ->> 'id'),
        'name ' || lower(centers.value ->> 'name')) ORDER BY place DESC, centers.key DESC) AS nth
  FROM _center_snapshots CROSS JOIN json_each(facts) AS lists
    CROSS JOIN json_each(iif(lists.type = 'array', lists.value, '[]')) AS centers
  WHERE centers.type = 'object' AND place >= coalesce((
    SELECT max(whole.place) FROM _center_snapshots AS whole
    WHERE whole.source_id = _center_snapshots.source_id
      AND json_type(whole.facts, '$.cost_center') IS NULL), 0))
WHERE nth = 1;

CREATE VIEW _told_centers AS
SELECT CAST(_sources.name AS TEXT) AS source, CAST(center ->> 'id' AS TEXT) AS id,
  CAST(center ->> 'name' AS TEXT) AS name,
  CAST(coalesce(nullif(trim(center ->> 'state'), ''), 'active') AS TEXT) AS state,
  CAST(min(resources.value ->> 'type') AS TEXT) AS type,
  CAST(min(resources.value ->> 'name') AS TEXT) AS resource,
  CAST(center ->> 'azure_subscription' AS TEXT) AS azure_subscription,
  CAST(strftime('%Y-%m-%dT%H:%M:%SZ', place / 65536, 'unixepoch') AS TEXT) AS taken_at,
  CAST(snapshot_id AS INTEGER) AS snapshot
FROM _centers JOIN _sources USING (source_id)
  LEFT JOIN json_each(iif(json_type(center, '$.resources') = 'array', center -> 'resources', '[]'))
    AS resources ON resources.type = 'object'
GROUP BY source_id, center,
  CASE lower(resources.value ->> 'type') WHEN 'enterpriseteam' THEN 'team'
    WHEN 'organization' THEN 'org' WHEN 'repository' THEN 'repo'
    ELSE lower(resources.value ->> 'type') END,
  iif(lower(resources.value ->> 'type') IN ('team', 'enterpriseteam')
      AND lower(resources.value ->> 'name') LIKE 'ent:%',
    substr(lower(resources.value ->> 'name'), 5), lower(resources.value ->> 'name'));

CREATE VIEW cost_centers AS SELECT * FROM _told_centers ORDER BY source, name, id, type, resource;

-- A date of GitHub's answers as SQLite reads it: `2016/02/06 12:41:52 -0600`, RFC 3339 and its like,
-- and Unix time in seconds or milliseconds.
CREATE VIEW _told_syncs AS
SELECT CAST(source AS TEXT) AS source, CAST(instance ->> 'hostname' AS TEXT) AS host,
  CAST(instance ->> 'server_id' AS TEXT) AS server_id, CAST(date AS TEXT) AS date,
  CAST(CASE
    WHEN date GLOB '[0-9]*' AND date NOT GLOB '*[^0-9.]*' THEN
      CASE WHEN length(whole) = 13
          THEN strftime('%Y-%m-%dT%H:%M:%SZ', CAST(whole AS INTEGER) / 1000, 'unixepoch')
        WHEN length(whole) IN (9, 10)
          THEN strftime('%Y-%m-%dT%H:%M:%SZ', CAST(whole AS INTEGER), 'unixepoch') END
    WHEN iso GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' THEN
      strftime('%Y-%m-%dT%H:%M:%SZ', iif(iso GLOB '*[+-][0-9][0-9][0-9][0-9]',
        substr(iso, 1, length(iso) - 2) || ':' || substr(iso, -2), iso)) END AS TEXT) AS synced_at,
  CAST(nullif(trim(json_extract(instance, '$.last_sync.status')), '') AS TEXT) AS status,
  CAST(nullif(trim(json_extract(instance, '$.last_sync.error')), '') AS TEXT) AS error,
  CAST(strftime('%Y-%m-%dT%H:%M:%SZ', place / 65536, 'unixepoch') AS TEXT) AS taken_at,
  CAST(snapshot_id AS INTEGER) AS snapshot
FROM (
  SELECT *, replace(replace(date, '/', '-'), ' UTC', 'Z') AS iso,
    substr(date, 1, instr(date || '.', '.') - 1) AS whole
  FROM (
    SELECT name AS source, place, snapshot_id, instances.value AS instance,
      nullif(trim(json_extract(instances.value, '$.last_sync.date')), '') AS date
    FROM _facts CROSS JOIN json_each(facts, '$.server_instances') AS instances
    WHERE kind = 'sync-status' AND instances.type = 'object'));

CREATE VIEW sync_statuses AS SELECT * FROM _told_syncs ORDER BY source, host;

CREATE VIEW _told_instance_facts AS
SELECT CAST(kind AS TEXT) AS source_kind, CAST(name AS TEXT) AS source,
  CAST(fields.key AS TEXT) AS field, CAST(fields.value AS TEXT) AS value,
  CAST(strftime('%Y-%m-%dT%H:%M:%SZ', place / 65536, 'unixepoch') AS TEXT) AS taken_at,
  CAST(snapshot_id AS INTEGER) AS snapshot
FROM _facts CROSS JOIN json_each(facts) AS fields
WHERE kind IN ('server', 'server-as-synced', 'server-info', 'server-license');

CREATE VIEW instance_facts AS
SELECT * FROM _told_instance_facts ORDER BY source, source_kind, field;

-- The employee directories in force: of each the newest snapshot that is whole and not voided.
CREATE VIEW _directories AS
SELECT source_id, name, place, snapshot_id
FROM _sources JOIN (
  SELECT source_id, max(place) AS place, snapshot_id
  FROM _snapshots
  WHERE kind = 'directory' AND known AND partial = 0 AND voided_at IS NULL
  GROUP BY source_id) USING (source_id)
WHERE NOT retired;

-- Where in the records of entries the fields stand that have a column.
CREATE VIEW _entry_fields AS
SELECT shape_id,
  max(iif(value = 'active', key, NULL)) AS active_key,
  max(iif(value = 'left', key, NULL)) AS left_key,
  max(iif(value = 'expires', key, NULL)) AS expires_key
FROM shapes CROSS JOIN json_each(fields)
GROUP BY shape_id;

-- What is known of entries in plain text: of those whom an account named when their file came.
CREATE VIEW _entry_details AS
SELECT state_id, details
FROM entry_details CROSS JOIN _asked
WHERE lines_before = 9223372036854775807 OR filling_id IN (
  SELECT number FROM (
    SELECT line, entry ->> 'command' AS command, entry ->> 'filling' AS number
    FROM journal)
  WHERE command = 'fill' AND line < lines_before);

CREATE VIEW _told_entries AS
SELECT CAST(_directories.name AS TEXT) AS source, CAST(details ->> 'id' AS TEXT) AS id,
  CAST(iif(coalesce(content ->> expires_key <= strftime('%Y-%m-%dT%H:%M:%SZ', as_of, 'unixepoch'),
    0), 0, content ->> active_key) AS INTEGER) AS active,
  CAST(coalesce(content ->> left_key, content ->> expires_key) AS TEXT) AS left_on,
  CAST(content ->> expires_key AS TEXT) AS expires,
  CAST(details ->> 'manager' AS TEXT) AS manager, CAST(details ->> 'unit' AS TEXT) AS unit,
  CAST(details ->> 'name' AS TEXT) AS name,
  CAST(strftime('%Y-%m-%dT%H:%M:%SZ', place / 65536, 'unixepoch') AS TEXT) AS taken_at,
  CAST(_directories.snapshot_id AS INTEGER) AS snapshot
FROM _asked CROSS JOIN _identities
  CROSS JOIN _directories ON _directories.source_id = _identities.source_id
  CROSS JOIN _entry_fields ON _entry_fields.shape_id = _identities.shape_id
  LEFT JOIN _entry_details ON _entry_details.state_id = _identities.state_id
WHERE row = 5 AND CASE WHEN _identities.state_id IN (SELECT state_id FROM spans)
  THEN EXISTS (SELECT 1 FROM spans WHERE spans.state_id = _identities.state_id
    AND from_place <= place AND to_place > place)
  ELSE begun <= place END;

CREATE VIEW directory_entries AS SELECT * FROM _told_entries;

-- What follows is stored in tables whose names the public ones hide behind: `oneseat query` calls
-- the views by those (store/query.rs). The tables are named in a SELECT of their own, `FROM name)`.

-- The Server accounts that Cloud rows in force list, as the rows name them.
CREATE VIEW _told_listed AS
SELECT CAST(source AS TEXT) AS source, CAST(identity AS TEXT) AS account,
  CAST(nullif(host, '') AS TEXT) AS host, CAST(id AS TEXT) AS id
FROM _holding CROSS JOIN stored_listed ON row_id BETWEEN first_row AND last_row
  JOIN hosts USING (host_id)
WHERE source_kind = 'cloud';

CREATE VIEW listed_accounts AS
SELECT * FROM _told_listed ORDER BY source, account, host, id;

CREATE VIEW listed AS SELECT * FROM listed_accounts;

-- The declared links that hold: of the lines about one pair the one valid from latest; taking back
-- ends what was said before it, from whatever day on (report/links.rs reads them likewise).
CREATE VIEW _told_links AS
SELECT CAST(link_id AS INTEGER) AS id, CAST(says AS TEXT) AS says,
  CAST(iif(a_source IS NULL, 'server', 'cloud') AS TEXT) AS a_source_kind,
  CAST(coalesce(a_sources.name, a_host) AS TEXT) AS a_source, CAST(a_account AS TEXT) AS a_account,
  CAST(iif(b_source IS NULL, 'server', 'cloud') AS TEXT) AS b_source_kind,
  CAST(coalesce(b_sources.name, b_host) AS TEXT) AS b_source, CAST(b_account AS TEXT) AS b_account,
  CAST(reason AS TEXT) AS reason,
  CAST(strftime('%Y-%m-%dT%H:%M:%SZ', valid_from, 'unixepoch') AS TEXT) AS valid_from,
  CAST(strftime('%Y-%m-%dT%H:%M:%SZ', declared_at, 'unixepoch') AS TEXT) AS declared_at
FROM (
  SELECT *, row_number() OVER (
      PARTITION BY a_source, a_host, a_account, b_source, b_host, b_account
      ORDER BY coalesce(valid_from, -1) DESC, link_id DESC) AS nth
  FROM (
    SELECT *, max(iif(says = 'nothing', link_id, 0)) OVER (
        PARTITION BY a_source, a_host, a_account, b_source, b_host, b_account) AS ended
    FROM (SELECT * FROM links) AS said CROSS JOIN _asked
    WHERE link_id < links_before AND coalesce(valid_from, 0) <= coalesce(as_of, 0))
  WHERE link_id > ended) AS told
  LEFT JOIN _sources AS a_sources ON a_sources.source_id = a_source
  LEFT JOIN _sources AS b_sources ON b_sources.source_id = b_source
WHERE nth = 1;

CREATE VIEW declared_links AS SELECT * FROM _told_links ORDER BY id;

-- The journal, as far as it is known.
CREATE VIEW _told_journal_lines AS
SELECT CAST(line AS INTEGER) AS line, CAST(at AS TEXT) AS at,
  CAST(command AS TEXT) AS command, CAST(_sources.kind AS TEXT) AS source_kind,
  CAST(_sources.name AS TEXT) AS source, CAST(told.snapshot AS INTEGER) AS snapshot,
  CAST(lower(hex(hash)) AS TEXT) AS hash, CAST(NULL AS TEXT) AS user
FROM (
  SELECT line, hash, entry ->> 'at' AS at, entry ->> 'command' AS command,
    entry ->> 'snapshot' AS snapshot, entry ->> 'source_id' AS source_id
  FROM journal) AS told
  CROSS JOIN _asked
  LEFT JOIN stored_snapshots ON stored_snapshots.snapshot_id = told.snapshot
  LEFT JOIN _sources
    ON _sources.source_id = coalesce(told.source_id, stored_snapshots.source_id)
WHERE line < lines_before;

CREATE VIEW journal_lines AS SELECT * FROM _told_journal_lines;
