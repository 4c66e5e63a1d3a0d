-- What a batch is to bring back, in key order.
SELECT i.userid, i.custom_id, i.state, i.attempt, i.text_hash, i.flags
  FROM {item} i
 WHERE i.batch_key = :batch AND i.custom_id IS NOT NULL
 ORDER BY i.userid
