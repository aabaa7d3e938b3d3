-- As states_by_login_alone has them: by that index, not one account is looked at.
SELECT EXISTS (
  SELECT 1 FROM states INDEXED BY states_by_login_alone
  WHERE source_id = ?1 AND row = 0 AND (account IS NULL OR substr(account, 1, 6) = 'login:')
)
