UPDATE i
   SET state = j.s, attempt = j.a, error_code = j.e, error_message = j.m,
       input_tokens = j.ti, cached_tokens = j.tc, output_tokens = j.[to],
       flags = j.f, evidence = j.v, updated_at = {now}
  FROM {item} i
  JOIN OPENJSON(:rows)
       WITH (u nvarchar(450) '$.u', s varchar(16) '$.s', a int '$.a',
             e varchar(64) '$.e', m nvarchar(400) '$.m',
             ti bigint '$.ti', tc bigint '$.tc', [to] bigint '$.to',
             f nvarchar(max) '$.f', v nvarchar(max) '$.v') j
    ON i.userid = CAST(j.u AS {key_type})
 WHERE i.batch_key = :batch AND i.state = 'submitted'
