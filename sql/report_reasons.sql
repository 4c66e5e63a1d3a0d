-- Why records of a batch did not end well, the most frequent reason first.
SELECT state, error_code, COUNT(*) AS records, MIN({as_text userid}) AS example,
       MIN(error_message) AS message
  FROM {item}
 WHERE batch_key = :key AND state IN ('retry', 'dead', 'skipped')
 GROUP BY state, error_code
 ORDER BY COUNT(*) DESC
