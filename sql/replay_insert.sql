-- A batch whose answers are here already: nothing is sent, nothing paid.
INSERT INTO {status}
       (batch_key, batch_id, section, provider, host, account, model, profile,
        profile_hash, status, request_count, completed_count, failed_count,
        done_count, retry_count, dead_count, skipped_count, unknown_count,
        input_tokens, cached_tokens, output_tokens, create_tries,
        check_failures, fence, spool, created_at, next_check_at, worker,
        lease_until, estimated_cost, actual_cost, currency)
VALUES (:to, NULL, :section, 'replay', :host, :account, :model, :profile,
        :profile_hash, 'downloaded', :request_count, 0, 0,
        0, 0, 0, 0, 0,
        0, 0, 0, 0,
        0, 1, :spool, {now}, {now}, :worker,
        {now+:lease}, 0, 0, :currency)
