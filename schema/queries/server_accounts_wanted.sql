-- Which of the wanted states are accounts of an instance, do they take part (counting.md section 3),
-- and when did they hold? One line for each span.
SELECT state_id, identity,
  suspended IS NOT 1 AND lower(login) NOT IN ('ghost', 'scim-admin'), from_place, to_place
FROM wanted CROSS JOIN spans USING (state_id) CROSS JOIN states USING (state_id)
  CROSS JOIN stored_accounts USING (account_id)
WHERE spans.source_id = ?1
ORDER BY state_id, from_place
