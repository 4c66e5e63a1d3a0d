-- One batch with all that its row says, by our key or the provider's id.
SELECT batch_key, batch_id, section, provider, host, account, model, profile,
       profile_hash, request_hash, status, provider_status, request_count,
       completed_count, failed_count, done_count, retry_count, dead_count,
       skipped_count, unknown_count, input_tokens, cached_tokens,
       output_tokens, estimated_cost, actual_cost, standard_cost - actual_cost, currency, created_at,
       submitted_at, last_checked_at, next_check_at, ended_at, collected_at,
       worker, {since lease_until}, input_file_id, output_file_id,
       error_file_id, error_code, error_message
  FROM {status}
 WHERE batch_key = :id OR batch_id = :id
