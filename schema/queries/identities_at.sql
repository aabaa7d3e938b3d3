-- Which accounts hold at a place of a source, in the order in which they first came?
SELECT identity
FROM spans JOIN states USING (state_id) JOIN stored_accounts USING (account_id)
WHERE spans.source_id = ?1 AND from_place <= ?2 AND to_place > ?2
ORDER BY account_id
