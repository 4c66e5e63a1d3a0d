-- repeatable
-- Move a batch on (or save it where it is), unless somebody else did.
UPDATE {status}
   SET status = :to,
       batch_id = :batch_id,
       host = :host,
       provider_status = :provider_status,
       request_hash = :request_hash,
       input_file_id = :input_file,
       output_file_id = :output_file,
       error_file_id = :error_file,
       request_count = :request_count,
       completed_count = :completed_count,
       failed_count = :failed_count,
       done_count = :done_count,
       retry_count = :retry_count,
       dead_count = :dead_count,
       skipped_count = :skipped_count,
       unknown_count = :unknown_count,
       input_tokens = :input_tokens,
       cached_tokens = :cached_tokens,
       output_tokens = :output_tokens,
       request_tokens = :request_tokens,
       token_limit = :token_limit,
       wave = :wave,
       forward_to = :forward_to,
       create_tries = :create_tries,
       check_failures = :check_failures,
       estimated_cost = :estimated_cost,
       actual_cost = :actual_cost,
       standard_cost = :standard_cost,
       currency = :currency,
       error_code = :error_code,
       error_message = :error_message,
       listed_at = CASE WHEN :listed = 1 THEN {now}
                        WHEN :listed = 2 THEN NULL ELSE listed_at END,
       submitted_at = CASE WHEN :submitted = 1 AND submitted_at IS NULL
                      THEN {now} ELSE submitted_at END,
       window_ends_at = CASE WHEN :windowed = 1 AND window_ends_at IS NULL
                        THEN {now+:window} ELSE window_ends_at END,
       ended_at = CASE WHEN :ended = 1 AND ended_at IS NULL
                  THEN {now} ELSE ended_at END,
       collected_at = CASE WHEN :collected = 1 AND collected_at IS NULL
                      THEN {now} ELSE collected_at END,
       last_checked_at = CASE WHEN :checked = 1 THEN {now}
                         ELSE last_checked_at END,
       next_check_at = {now+:delay}
 WHERE batch_key = :key AND status = :from AND fence = :fence
