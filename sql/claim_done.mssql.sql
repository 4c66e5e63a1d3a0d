DELETE FROM {claim}
 WHERE batch_key = :batch
   AND userid IN (SELECT CAST(j.u AS {key_type})
                    FROM OPENJSON(:rows) WITH (u nvarchar(450) '$.u') j)
