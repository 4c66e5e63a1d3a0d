-- Closed batches whose stored answers are beyond their time.
SELECT batch_key
  FROM {status}
 WHERE status = 'closed' AND {since created_at} > :seconds
