-- Old values of a chunk, so that undo can put them back.
INSERT INTO {before} (batch_key, userid, old_values, new_values, written_at)
SELECT i.batch_key, i.userid,
       (SELECT {each values ", "}c.{column} AS [{path}]{end}
           FOR JSON PATH, INCLUDE_NULL_VALUES, WITHOUT_ARRAY_WRAPPER),
       j.v, {now}
  FROM OPENJSON(:rows)
       WITH (u nvarchar(450) '$.u', v nvarchar(max) '$' AS JSON) j
  JOIN {item} i ON i.batch_key = :batch AND i.state = 'submitted'
   AND i.userid = CAST(j.u AS {key_type})
  JOIN {source} c ON c.{key} = i.userid
 WHERE NOT EXISTS (SELECT 1 FROM {before} b
                    WHERE b.batch_key = i.batch_key AND b.userid = i.userid)
