-- What is open, for how long it has been overdue, and what an operator must
-- mend before it goes on (batch_note).
SELECT s.batch_key, s.status, {since s.next_check_at},
       {since s.window_ends_at}, {since s.created_at}, s.check_failures,
       s.error_code, s.section, s.provider, e.detail
  FROM {status} s
  LEFT JOIN {event} e
    ON e.from_status = e.to_status
   AND e.event_id = (SELECT MAX(n.event_id) FROM {event} n
                      WHERE n.batch_key = s.batch_key)
 WHERE s.status <> 'closed'
 ORDER BY s.batch_key
