-- What entries of directories state in plain text under a name (a path of JSON), as far as the first
-- lines of the journal cover it: each state and its text, by state.
SELECT state_id, details ->> ?1
FROM entry_details
WHERE ?2 = 9223372036854775807 OR filling_id IN (
  SELECT entry ->> 'filling' FROM main.journal WHERE line < ?2 AND entry ->> 'command' = 'fill')
ORDER BY state_id
