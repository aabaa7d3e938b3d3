-- Which accounts hold at a place of an instance, and do they take part (counting.md section 3)?
SELECT state_id, identity,
  suspended IS NOT 1 AND lower(login) NOT IN ('ghost', 'scim-admin')
FROM spans JOIN states USING (state_id) JOIN stored_accounts USING (account_id)
WHERE spans.source_id = ?1 AND from_place <= ?2 AND to_place > ?2
ORDER BY to_place, from_place, state_id
