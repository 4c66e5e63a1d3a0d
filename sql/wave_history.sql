-- The batches of the last fortnight at one account and model, newest first.
SELECT {top :count} status, provider_status, error_code, wave,
       request_tokens, request_count, token_limit,
       {since submitted_at}, {since ended_at}, {since next_check_at}
  FROM {status}
 WHERE host = :host AND account = :account AND model = :model
   AND batch_key <> :key
   AND (status <> 'closed' OR {since created_at} <= 1209600)
 ORDER BY batch_key DESC
 {limit :count}
