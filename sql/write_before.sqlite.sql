-- Old values, so that undo can put them back.
INSERT OR REPLACE INTO {before}
       (batch_key, userid, old_values, new_values, written_at)
SELECT :batch, c.{key},
       '{' || {each values " || ',' || "}'"{path}":' || json_quote(c.{column}){end} || '}',
       :new_values, {now}
  FROM {source} c
 WHERE c.{key} = CAST(:userid AS {key_type})
   AND EXISTS (SELECT 1 FROM {item} i
                WHERE i.batch_key = :batch AND i.state = 'submitted'
                  AND i.userid = c.{key})
