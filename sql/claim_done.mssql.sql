DELETE FROM {claim}
 WHERE batch_key = :batch
   AND userid IN (SELECT CAST(j.value AS {key_type}) FROM OPENJSON(:ids) j)
