-- Records that were given up or passed over go back to the pool: one, those
-- of a batch, those of a reason, or all.
UPDATE {item}
   SET state = 'retry', attempt = 0, updated_at = {now}
 WHERE state IN ('dead', 'skipped')
   AND (CAST(:userid AS {key_type}) IS NULL
        OR userid = CAST(:userid AS {key_type}))
   AND (CAST(:batch AS varchar(36)) IS NULL
        OR batch_key = CAST(:batch AS varchar(36)))
   AND (CAST(:code AS varchar(64)) IS NULL
        OR error_code = CAST(:code AS varchar(64)))
