-- Batches, the newest first; only those still open, or all.
SELECT {top :count} batch_key, batch_id, section, provider, model, status,
       provider_status, request_count, completed_count, failed_count,
       done_count, retry_count, dead_count, skipped_count, input_tokens,
       cached_tokens, output_tokens, {since created_at}, {since next_check_at},
       worker, error_code, error_message, actual_cost,
       standard_cost - actual_cost, currency
  FROM {status}
 WHERE :closed = 1 OR status <> 'closed'
 ORDER BY created_at DESC, batch_key DESC
 {limit :count}
