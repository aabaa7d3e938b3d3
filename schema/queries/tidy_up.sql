-- Deletes hosts and shapes that nothing refers to any more, because their rows were united with others.
DELETE FROM hosts WHERE host_id NOT IN (SELECT host_id FROM stored_listed);
DELETE FROM shapes WHERE shape_id NOT IN (SELECT shape_id FROM states);
