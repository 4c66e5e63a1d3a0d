-- Batches that are not at their end, oldest first (keys sort by time).
SELECT batch_key
  FROM {status}
 WHERE status <> 'closed'
 ORDER BY batch_key
