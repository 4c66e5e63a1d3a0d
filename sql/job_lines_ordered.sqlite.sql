-- The same in the order of the input.
SELECT answer_batch, answer_file, answer_at, answer_bytes
  FROM {source}
 WHERE answer_batch IS NOT NULL
 ORDER BY position
