UPDATE {item} i
   SET state = j.s, custom_id = j.c, text_hash = j.h, flags = j.f,
       error_code = j.e, error_message = j.m, line_number = j.l,
       updated_at = {now}
  FROM jsonb_to_recordset(CAST(:rows AS jsonb))
       AS j(u text, s text, c text, h text, f text, e text, m text, l int)
 WHERE i.batch_key = :batch AND i.userid = CAST(j.u AS {key_type})
