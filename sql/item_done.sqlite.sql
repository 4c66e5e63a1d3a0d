-- The outcome of each record of a chunk; only what is still submitted.  An
-- upsert for the reason that item_built.sqlite.sql gives.
INSERT INTO {item} (batch_key, userid, state, attempt, error_code,
                    error_message, input_tokens, cached_tokens, output_tokens,
                    flags, evidence, updated_at)
  WITH j(value) AS MATERIALIZED (SELECT value FROM json_each(:rows))
SELECT :batch, CAST(j.value->>'u' AS {key_type}), j.value->>'s',
       j.value->>'a', j.value->>'e', j.value->>'m', j.value->>'ti',
       j.value->>'tc', j.value->>'to', j.value->>'f', j.value->>'v', {now}
  FROM j
 WHERE EXISTS (SELECT 1 FROM {item} i
                WHERE i.batch_key = :batch AND i.state = 'submitted'
                  AND i.userid = CAST(j.value->>'u' AS {key_type}))
    ON CONFLICT (batch_key, userid) DO UPDATE
   SET state = excluded.state, attempt = excluded.attempt,
       error_code = excluded.error_code,
       error_message = excluded.error_message,
       input_tokens = excluded.input_tokens,
       cached_tokens = excluded.cached_tokens,
       output_tokens = excluded.output_tokens, flags = excluded.flags,
       evidence = excluded.evidence, updated_at = excluded.updated_at
