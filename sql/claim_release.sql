-- Claims of a batch whose items are no longer at work.
DELETE FROM {claim}
 WHERE batch_key = :batch
   AND NOT EXISTS (SELECT 1 FROM {item} i
                    WHERE i.batch_key = :batch
                      AND i.userid = {claim}.userid
                      AND i.state IN ('claimed', 'submitted'))
