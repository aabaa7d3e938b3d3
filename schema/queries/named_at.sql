-- Which states hold at a place of a source, of those with this hash of the display name? (The sign
-- keeps the index of all that holds in the source out of it.)
SELECT state_id
FROM states CROSS JOIN spans USING (state_id)
WHERE name_hash = ?1 AND +source_id = ?2 AND from_place <= ?3 AND to_place > ?3
