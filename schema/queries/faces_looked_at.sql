-- The identity, login and primary address of the states in the table looked_at. Of the rows of a Cloud
-- report, only the accounts.
SELECT state_id, coalesce(account, 'login:' || lower(login)), login, (
    SELECT min(coalesce(key, lower(trim(text)))) FROM addresses
    WHERE row_id BETWEEN state_id * 1048576 AND state_id * 1048576 + 1048575 AND kinds & 1)
FROM looked_at CROSS JOIN states USING (state_id)
WHERE row IN (0, 1)
