-- Finished records are nobody's any more.
DELETE FROM {claim}
 WHERE batch_key = :batch
   AND userid IN (SELECT CAST(j.value AS {key_type}) FROM json_each(:ids) j)
