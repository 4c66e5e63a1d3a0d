UPDATE i
   SET state = j.s, custom_id = j.c, text_hash = j.h, flags = j.f,
       error_code = j.e, error_message = j.m, line_number = j.l,
       updated_at = {now}
  FROM {item} i
  JOIN OPENJSON(:rows)
       WITH (u nvarchar(450) '$.u', s varchar(16) '$.s',
             c varchar(80) '$.c', h varchar(64) '$.h',
             f nvarchar(max) '$.f', e varchar(64) '$.e',
             m nvarchar(400) '$.m', l int '$.l') j
    ON i.userid = CAST(j.u AS {key_type})
 WHERE i.batch_key = :batch
