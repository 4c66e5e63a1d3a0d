-- The intent: a batch that has claimed rows and nothing else yet.
INSERT INTO {status}
       (batch_key, section, provider, host, account, model, profile,
        profile_hash, status, request_count, completed_count, failed_count,
        done_count, retry_count, dead_count, skipped_count, unknown_count,
        input_tokens, cached_tokens, output_tokens, create_tries,
        check_failures, fence, spool, created_at, next_check_at, worker,
        lease_until)
VALUES (:key, :section, :provider, :host, :account, :model, :profile,
        :profile_hash, 'claimed', 0, 0, 0,
        0, 0, 0, 0, 0,
        0, 0, 0, 0,
        0, 1, :spool, {now}, {now}, :worker,
        {now+:lease})
