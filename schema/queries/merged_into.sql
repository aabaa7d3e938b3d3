-- Into which Cloud accounts were these Server accounts merged, and when? ?1 is a JSON array of
-- [host, id]; one statement for many, for each has few answers.
SELECT asked.key, identity, spans.source_id, from_place, to_place
FROM json_each(?1) AS asked
  CROSS JOIN hosts ON host = asked.value ->> 0
  CROSS JOIN listed ON listed.host_id = hosts.host_id AND listed.id = asked.value ->> 1
  CROSS JOIN states USING (state_id)
  CROSS JOIN stored_accounts USING (account_id)
  CROSS JOIN spans USING (state_id)
WHERE row = 1
ORDER BY asked.key, identity
