-- Which addresses have the wanted states of a source?
SELECT state_id, kind, key_id
FROM wanted CROSS JOIN states USING (state_id) CROSS JOIN stored_accounts USING (account_id)
  CROSS JOIN addresses USING (state_id)
WHERE source_id = ?1
ORDER BY state_id, kind, key_id
