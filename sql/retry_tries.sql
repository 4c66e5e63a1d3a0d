-- The tries before count no more for those records.
UPDATE {item}
   SET attempt = 0
 WHERE state = 'retry' AND attempt <> 0
   AND userid IN
       (SELECT g.userid
          FROM {item} g
         WHERE g.state IN ('dead', 'skipped')
           AND (CAST(:userid AS {key_type}) IS NULL
                OR g.userid = CAST(:userid AS {key_type}))
           AND (CAST(:batch AS varchar(36)) IS NULL
                OR g.batch_key = CAST(:batch AS varchar(36)))
           AND (CAST(:code AS varchar(64)) IS NULL
                OR g.error_code = CAST(:code AS varchar(64))))
