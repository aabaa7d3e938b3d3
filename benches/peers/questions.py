"""What the SQL peers share: the two questions, in SQL that SQLite and DuckDB both take.

Every peer makes these tables of the files, with all columns that the files have:
  cloud (..., github_com_login, github_com_user, ...)       one row per row of the report
  server (host, id, login, email, suspended)                one row per account
  cloud_address (login, address, kind)                      kind: saml or verified; lower case

Consumption: Cloud seats, and people on Server (one per primary address, who are not suspended)
whose address is no NameID and no verified address in Cloud. Left out, because SQL over raw tables
has no word for it: accounts that a report lists as merged, the kinds of invitations and roles, how
fresh and complete a source is, any other day than that of the files.

Duplicates: those people on Server that match nobody, with a Cloud account of the same login or the
same local part of an address. Left out: names, former addresses, aliases, certainty, what to fix.
"""

UNMATCHED = """
  SELECT DISTINCT lower(email) AS address, login FROM server
  WHERE NOT suspended AND email <> ''
    AND lower(email) NOT IN (SELECT address FROM cloud_address)
"""

CONSUMPTION = f"""
  SELECT
    (SELECT count(*) FROM cloud WHERE github_com_user
       OR (NOT enterprise_server_user AND NOT visual_studio_subscription_user))
    + (SELECT count(DISTINCT address) FROM ({UNMATCHED}) AS unmatched)
    + (SELECT count(*) FROM server WHERE NOT suspended AND email = '' AND login <> 'ghost')
"""

DUPLICATES = f"""
  WITH unmatched AS ({UNMATCHED}),
  found AS (
    SELECT unmatched.address, cloud.github_com_login AS login
    FROM unmatched JOIN cloud ON cloud.github_com_login = unmatched.login
    UNION
    SELECT unmatched.address, cloud_address.login
    FROM unmatched JOIN cloud_address ON
      substr(cloud_address.address, 1, instr(cloud_address.address, '@'))
      = substr(unmatched.address, 1, instr(unmatched.address, '@'))
  )
  SELECT address, login FROM found ORDER BY address, login
"""

# For SQLite, which would look through all addresses for each person; DuckDB joins by hash.
LOCAL_PART_INDEX = """
  CREATE INDEX local_part ON cloud_address (substr(address, 1, instr(address, '@')))
"""
