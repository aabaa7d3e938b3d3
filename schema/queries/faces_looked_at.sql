-- The same of the states in the table looked_at.
SELECT state_id, identity, login,
  (SELECT min(key_id) FROM addresses WHERE addresses.state_id = states.state_id AND kind = 1)
FROM looked_at CROSS JOIN states USING (state_id) CROSS JOIN stored_accounts USING (account_id)
WHERE row IN (0, 1)
