-- A chunk's columns and LastProcessed in one statement, guarded by the
-- items' state: a second run changes nothing.
UPDATE {source} c
   SET {processed} = {now}
       {each values:0 ""}, {column} = CAST(j."{path}" AS {type}){end}
       {each values:1 ""}, {column} = COALESCE(CAST(NULLIF(CAST(c.{column} AS text), '') AS {type}), CAST(j."{path}" AS {type})){end}
  FROM jsonb_to_recordset(CAST(:rows AS jsonb))
       AS j(u text{each values ""}, "{path}" text{end})
  JOIN {item} i ON i.batch_key = :batch AND i.state = 'submitted'
   AND i.userid = CAST(j.u AS {key_type})
 WHERE c.{key} = i.userid
