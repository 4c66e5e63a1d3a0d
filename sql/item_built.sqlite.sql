-- What the build found out about each record.
UPDATE {item}
   SET state = j.value->>'s', custom_id = j.value->>'c',
       text_hash = j.value->>'h', flags = j.value->>'f',
       error_code = j.value->>'e', error_message = j.value->>'m',
       line_number = j.value->>'l', updated_at = {now}
  FROM json_each(:rows) j
 WHERE {item}.batch_key = :batch
   AND {item}.userid = CAST(j.value->>'u' AS {key_type})
