-- Which Server accounts do the wanted states of a Cloud source list?
SELECT state_id, host, id
FROM wanted CROSS JOIN states USING (state_id) CROSS JOIN stored_accounts USING (account_id)
  CROSS JOIN listed USING (state_id) CROSS JOIN hosts USING (host_id)
WHERE source_id = ?1
ORDER BY state_id
