-- Finished records of batches beyond their time.  Dead and skipped ones stay:
-- they keep a record from being sent again.
DELETE FROM {item}
 WHERE state IN ('done', 'retry') AND {since updated_at} > :seconds
   AND batch_key IN (SELECT s.batch_key FROM {status} s
                      WHERE s.status = 'closed')
