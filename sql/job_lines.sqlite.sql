-- Where the answers stand, as they came.
SELECT answer_batch, answer_file, answer_at, answer_bytes
  FROM {source}
 WHERE answer_batch IS NOT NULL
 ORDER BY answer_batch, answer_file, answer_at
