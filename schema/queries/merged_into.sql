-- Into which Cloud accounts was the Server account with host ?1 and id ?2 merged, and when?
SELECT identity, spans.source_id, from_place, to_place
FROM hosts JOIN listed USING (host_id) JOIN states USING (state_id)
  JOIN accounts USING (account_id) JOIN spans USING (state_id)
WHERE host = ?1 AND id = ?2 AND row = 1
ORDER BY identity
