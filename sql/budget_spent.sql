-- What batches cost that were made in the last :seconds: settled where the
-- provider has told, else reserved.  What was never sent costs nothing.
SELECT COALESCE(SUM(COALESCE(actual_cost, estimated_cost)), 0)
  FROM {status}
 WHERE batch_key <> :key
   AND (submitted_at IS NOT NULL OR status = 'creating')
   AND {since created_at} <= :seconds
