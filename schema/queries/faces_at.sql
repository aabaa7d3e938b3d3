-- What tells the accounts that hold at a place of a source: identity, login, primary address? Of a
-- Cloud report, the accounts alone.
SELECT state_id, identity, login,
  (SELECT min(key_id) FROM addresses WHERE addresses.state_id = states.state_id AND kind = 1)
FROM spans JOIN states USING (state_id) JOIN stored_accounts USING (account_id)
WHERE spans.source_id = ?1 AND from_place <= ?2 AND to_place > ?2 AND row IN (0, 1)
