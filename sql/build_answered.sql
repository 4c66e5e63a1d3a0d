-- Records sent again whose text this profile and model have answered
-- before: not paid a second time unless the text is another.
SELECT i.userid, d.text_hash
  FROM {item} i
  JOIN {source} c ON c.{key} = i.userid AND c.{processed} IS NOT NULL
  JOIN {item} d ON d.userid = i.userid AND d.state = 'done'
  JOIN {status} s ON s.batch_key = d.batch_key
 WHERE i.batch_key = :batch AND d.batch_key <> :batch
   AND s.profile_hash = :profile_hash AND s.model = :model
