-- What a batch replaced and by what, in key order.
SELECT userid, old_values, new_values
  FROM {before}
 WHERE batch_key = :batch
 ORDER BY userid
