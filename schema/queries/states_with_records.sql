-- Every state with its account and what was said, for checking; null where something is missing.
SELECT states.state_id, kind, identity, row, roles, visual_studio, suspended, login, login_hash, name_hash, digest,
  fields, content, salt, record_hash
FROM states
  LEFT JOIN stored_accounts USING (account_id)
  LEFT JOIN stored_sources USING (source_id)
  LEFT JOIN records ON records.state_id = states.state_id
  LEFT JOIN shapes USING (shape_id)
ORDER BY states.state_id
