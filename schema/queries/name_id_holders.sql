-- The Cloud accounts that ever had the NameID ?1: each span in which one is there, and whether it
-- has the NameID then.
SELECT source_id, identity, from_place, to_place, EXISTS (
    SELECT 1 FROM addresses
    WHERE addresses.state_id = spans.state_id AND kind = 3 AND key_id = ?1)
FROM (
    SELECT DISTINCT account_id FROM addresses CROSS JOIN states USING (state_id)
    WHERE key_id = ?1 AND kind = 3 AND row = 1)
  CROSS JOIN stored_accounts USING (account_id)
  CROSS JOIN states USING (account_id)
  CROSS JOIN (SELECT state_id, from_place, to_place FROM spans) AS spans USING (state_id)
WHERE row = 1
