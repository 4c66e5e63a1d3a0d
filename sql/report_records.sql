-- The records of a batch that did not end well, or all of them.
SELECT {top :count} userid, custom_id, state, attempt, error_code,
       error_message, flags, input_tokens, output_tokens
  FROM {item}
 WHERE batch_key = :key
   AND (:every = 1 OR state IN ('retry', 'dead', 'skipped'))
 ORDER BY userid
 {limit :count}
