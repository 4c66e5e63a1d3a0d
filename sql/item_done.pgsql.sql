UPDATE {item} i
   SET state = j.s, attempt = j.a, error_code = j.e, error_message = j.m,
       input_tokens = j.ti, cached_tokens = j.tc, output_tokens = j."to",
       flags = j.f, evidence = j.v, updated_at = {now}
  FROM jsonb_to_recordset(CAST(:rows AS jsonb))
       AS j(u text, s text, a int, e text, m text, ti bigint, tc bigint,
            "to" bigint, f text, v text)
 WHERE i.batch_key = :batch AND i.state = 'submitted'
   AND i.userid = CAST(j.u AS {key_type})
