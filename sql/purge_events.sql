-- Events of closed batches beyond their time.
DELETE FROM {event}
 WHERE {since at} > :seconds
   AND batch_key IN (SELECT s.batch_key FROM {status} s
                      WHERE s.status = 'closed')
