-- The outcome of each record of a chunk; only what is still submitted.
UPDATE {item}
   SET state = j.value->>'s', attempt = j.value->>'a',
       error_code = j.value->>'e', error_message = j.value->>'m',
       input_tokens = j.value->>'ti', cached_tokens = j.value->>'tc',
       output_tokens = j.value->>'to', flags = j.value->>'f',
       evidence = j.value->>'v', updated_at = {now}
  FROM json_each(:rows) j
 WHERE {item}.batch_key = :batch AND {item}.state = 'submitted'
   AND {item}.userid = CAST(j.value->>'u' AS {key_type})
