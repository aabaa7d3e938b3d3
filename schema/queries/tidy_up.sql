-- What only rows named that were united with others meanwhile.
DELETE FROM hosts WHERE host_id NOT IN (SELECT host_id FROM stored_listed);
DELETE FROM shapes WHERE shape_id NOT IN (SELECT shape_id FROM states);
