-- Which Server accounts has the account ?2 of source ?1 ever listed?
SELECT DISTINCT host, listed.id
FROM stored_accounts
  CROSS JOIN states USING (account_id)
  CROSS JOIN listed USING (state_id)
  JOIN hosts USING (host_id)
WHERE stored_accounts.source_id = ?1 AND identity = ?2
ORDER BY host, listed.id
