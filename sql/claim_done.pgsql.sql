DELETE FROM {claim}
 WHERE batch_key = :batch
   AND userid IN (SELECT CAST(j.u AS {key_type})
                    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS j(u text))
