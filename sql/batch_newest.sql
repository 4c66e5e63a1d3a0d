-- The key of the batch that was made last (keys sort by time).
SELECT MAX(batch_key)
  FROM {status}
