-- The account behind each of these states (a JSON array of their numbers): its source, and its
-- identity there.
SELECT state_id, source_id, coalesce(account, 'login:' || lower(login))
FROM json_each(?1) CROSS JOIN states ON states.state_id = json_each.value
