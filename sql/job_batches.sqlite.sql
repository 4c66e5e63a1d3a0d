-- The batches of a job, oldest first.
SELECT batch_key, batch_id, status, provider_status, request_count,
       completed_count, failed_count,
       COALESCE(actual_cost, estimated_cost)
  FROM {status}
 ORDER BY batch_key
