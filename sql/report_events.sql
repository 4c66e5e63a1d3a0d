-- What happened to a batch, in order.
SELECT at, from_status, to_status, worker, detail
  FROM {event}
 WHERE batch_key = :key
 ORDER BY event_id
