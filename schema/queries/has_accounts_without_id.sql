-- Does source ?1 have Server accounts without an id? The condition is that of the index
-- states_by_login_alone, so no account is read.
SELECT EXISTS (
  SELECT 1 FROM states INDEXED BY states_by_login_alone
  WHERE source_id = ?1 AND row = 0 AND (account IS NULL OR substr(account, 1, 6) = 'login:')
)
