-- What only rows named that were united with others meanwhile.
DELETE FROM keys WHERE key_id NOT IN (SELECT key_id FROM addresses);
DELETE FROM hosts WHERE host_id NOT IN (SELECT host_id FROM listed);
DELETE FROM shapes WHERE shape_id NOT IN (SELECT shape_id FROM records);
