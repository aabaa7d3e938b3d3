-- The records of these states (a JSON array of their numbers), in this order.
SELECT state_id, fields, content
FROM json_each(?1) CROSS JOIN states ON states.state_id = json_each.value
  JOIN shapes USING (shape_id)
ORDER BY json_each.key
