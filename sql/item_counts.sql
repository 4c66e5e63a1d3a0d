-- What became of a batch's records.
SELECT SUM(CASE WHEN state = 'done' THEN 1 ELSE 0 END),
       SUM(CASE WHEN state = 'retry' THEN 1 ELSE 0 END),
       SUM(CASE WHEN state = 'dead' THEN 1 ELSE 0 END),
       SUM(CASE WHEN state = 'skipped' THEN 1 ELSE 0 END),
       SUM(CASE WHEN state IN ('claimed', 'submitted') THEN 1 ELSE 0 END),
       SUM(input_tokens), SUM(cached_tokens), SUM(output_tokens)
  FROM {item}
 WHERE batch_key = :batch
