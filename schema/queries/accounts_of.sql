-- The source of each of these states (a JSON array of their numbers), and the identity of its account there.
SELECT state_id, source_id, coalesce(account, 'login:' || lower(login))
FROM json_each(?1) CROSS JOIN states ON states.state_id = json_each.value
