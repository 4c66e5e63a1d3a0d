DELETE FROM {claim}
 WHERE batch_key = :batch
   AND userid IN (SELECT CAST(j.id AS {key_type})
                    FROM jsonb_array_elements_text(CAST(:ids AS jsonb)) j(id))
