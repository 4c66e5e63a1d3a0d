-- One batch, by our key or the provider's id.
SELECT batch_key, batch_id, section, provider, host, account, model, profile,
       profile_hash, request_hash, status, provider_status, input_file_id,
       output_file_id, error_file_id, worker, error_code,
       request_count, completed_count, failed_count, done_count, retry_count,
       dead_count, skipped_count, unknown_count, input_tokens, cached_tokens,
       output_tokens, fence, create_tries, check_failures,
       {since listed_at}, {since next_check_at}, {since created_at},
       {since lease_until}, created_at, estimated_cost, actual_cost,
       standard_cost, currency, wave, forward_to, request_tokens,
       token_limit, {since submitted_at}, {since last_checked_at}
  FROM {status}
 WHERE batch_key = :id OR batch_id = :id
