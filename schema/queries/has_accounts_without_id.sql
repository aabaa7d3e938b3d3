-- Has an instance accounts that are known by their logins only?
SELECT EXISTS (SELECT 1 FROM stored_accounts
  WHERE source_id = ?1 AND identity BETWEEN 'login:' AND 'login;')
