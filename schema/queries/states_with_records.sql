-- Every state with its account and its record, for verify; null where a row is missing.
SELECT states.state_id, kind, coalesce(account, 'login:' || lower(login)) AS identity, account,
  states.source_id, snapshot_id, account_id, row, roles, visual_studio, suspended, login, shape_id,
  fields, content, salt, record_hash
FROM states
  LEFT JOIN stored_sources USING (source_id)
  LEFT JOIN shapes USING (shape_id)
ORDER BY states.state_id
