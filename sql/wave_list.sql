-- Batches that were sent, wave by wave.
SELECT batch_key, batch_id, section, provider, model, wave, status,
       error_code, request_count, request_tokens, {since submitted_at}
  FROM {status}
 WHERE wave IS NOT NULL
   AND ({since created_at} <= :seconds OR status <> 'closed')
 ORDER BY section, host, account, model, batch_key
