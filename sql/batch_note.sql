-- Why a batch stays where it is: an event from its status to the same, unless
-- the newest says so already.
INSERT INTO {event} (batch_key, at, from_status, to_status, worker, detail)
SELECT s.batch_key, {now}, :status, :status, :worker, :detail
  FROM {status} s
 WHERE s.batch_key = :key
   AND NOT EXISTS (SELECT 1 FROM {event} e
                    WHERE e.batch_key = s.batch_key
                      AND e.from_status = e.to_status AND e.detail = :detail
                      AND e.event_id = (SELECT MAX(n.event_id)
                                          FROM {event} n
                                         WHERE n.batch_key = s.batch_key))
