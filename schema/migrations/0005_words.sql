-- By what people are called, states are found by indexes: hashes of the login and of the display
-- name as they are compared (counting.md sections 2 and 5), null where there is none. They follow
-- from the record. The program has these two functions for this migration (store/words.rs).

ALTER TABLE states ADD COLUMN login_hash INTEGER;
ALTER TABLE states ADD COLUMN name_hash INTEGER;

UPDATE states SET login_hash = hash_of_login(login), name_hash = (
  SELECT hash_of_name(kind, fields, content)
  FROM stored_accounts JOIN stored_sources USING (source_id), records JOIN shapes USING (shape_id)
  WHERE stored_accounts.account_id = states.account_id AND records.state_id = states.state_id);

CREATE INDEX states_by_login ON states (login_hash) WHERE login_hash IS NOT NULL;
CREATE INDEX states_by_name ON states (name_hash) WHERE name_hash IS NOT NULL;
