-- A chunk's columns and LastProcessed in one statement, guarded by the
-- items' state: a second run changes nothing.
UPDATE c
   SET {processed} = {now}
       {each values:0 ""}, {column} = j.{path}{end}
       {each values:1 ""}, {column} = COALESCE(NULLIF(c.{column}, N''), j.{path}){end}
  FROM {source} c
  JOIN {item} i ON i.userid = c.{key} AND i.batch_key = :batch
   AND i.state = 'submitted'
  JOIN OPENJSON(:rows)
       WITH (u nvarchar(450) '$.u'{each values ""}, {path} {type} '$.{path}'{end}) j
    ON i.userid = CAST(j.u AS {key_type})
