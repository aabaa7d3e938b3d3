-- Which of the wanted states are accounts of an instance, and do they take part (counting.md
-- section 3)?
SELECT state_id, identity,
  suspended IS NOT 1 AND lower(login) NOT IN ('ghost', 'scim-admin')
FROM wanted CROSS JOIN states USING (state_id) CROSS JOIN stored_accounts USING (account_id)
WHERE source_id = ?1
ORDER BY state_id
