-- What all batches took together.
SELECT COUNT(*), SUM(CASE WHEN status <> 'closed' THEN 1 ELSE 0 END),
       SUM(input_tokens), SUM(cached_tokens), SUM(output_tokens),
       SUM(actual_cost), SUM(CASE WHEN actual_cost IS NULL
                             THEN estimated_cost ELSE 0 END),
       MAX(currency), SUM(standard_cost - actual_cost)
  FROM {status}
