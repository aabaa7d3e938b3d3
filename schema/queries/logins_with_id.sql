-- Which logins had which ids on a source, and when?
SELECT login, identity, from_place, to_place
FROM stored_accounts JOIN states USING (account_id) JOIN spans USING (state_id)
WHERE stored_accounts.source_id = ?1 AND identity GLOB 'id:*' AND login <> ''
