-- Which of the wanted states are rows of a Cloud source, and when did they hold? One line for each
-- span.
SELECT state_id, row, roles, visual_studio, identity, from_place, to_place
FROM wanted CROSS JOIN spans USING (state_id) CROSS JOIN states USING (state_id)
  CROSS JOIN stored_accounts USING (account_id)
WHERE spans.source_id = ?1
ORDER BY state_id, from_place
