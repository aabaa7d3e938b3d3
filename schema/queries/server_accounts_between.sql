-- Which accounts held at any place of an instance from ?2 to ?3, do they take part (counting.md
-- section 3), and when? One line for each span.
SELECT state_id, identity,
  suspended IS NOT 1 AND lower(login) NOT IN ('ghost', 'scim-admin'), from_place, to_place
FROM spans JOIN states USING (state_id) JOIN stored_accounts USING (account_id)
WHERE spans.source_id = ?1 AND from_place <= ?3 AND to_place > ?2
ORDER BY to_place, from_place, state_id
