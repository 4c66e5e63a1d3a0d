-- Records of a batch that will bring nothing (more) go back to the pool, or
-- out of it when their attempts are used up.  cost: 1 when the try counts.
UPDATE {item}
   SET state = CASE WHEN attempt - 1 + :cost >= :max_attempts THEN 'dead'
                    ELSE 'retry' END,
       attempt = attempt - 1 + :cost,
       error_code = :code, error_message = :message, updated_at = {now}
 WHERE batch_key = :batch AND state IN ('claimed', 'submitted')
