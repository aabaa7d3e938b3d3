-- Which accounts held at any place of an instance from ?2 to ?3, and do they take part (counting.md
-- section 3)?
SELECT state_id, identity,
  suspended IS NOT 1 AND lower(login) NOT IN ('ghost', 'scim-admin')
FROM (SELECT DISTINCT state_id FROM spans
    WHERE source_id = ?1 AND from_place <= ?3 AND to_place > ?2)
  JOIN states USING (state_id) JOIN stored_accounts USING (account_id)
ORDER BY state_id
