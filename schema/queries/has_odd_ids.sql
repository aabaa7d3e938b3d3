-- Is any id written otherwise than its number is (with zeros or a sign before it)?
SELECT EXISTS (SELECT 1 FROM stored_sources CROSS JOIN stored_accounts USING (source_id)
    WHERE kind IN ('server', 'server-as-synced') AND identity BETWEEN 'id:00' AND 'id:0:')
  OR EXISTS (SELECT 1 FROM stored_sources CROSS JOIN stored_accounts USING (source_id)
    WHERE kind IN ('server', 'server-as-synced') AND identity BETWEEN 'id:+' AND 'id:+:')
  OR EXISTS (SELECT 1 FROM hosts CROSS JOIN listed USING (host_id) WHERE id BETWEEN '00' AND '0:')
  OR EXISTS (SELECT 1 FROM hosts CROSS JOIN listed USING (host_id) WHERE id BETWEEN '+' AND '+:')
