-- What is open, and for how long it has been overdue.
SELECT batch_key, status, {since next_check_at}, {since window_ends_at},
       {since created_at}, check_failures, error_code, section, provider
  FROM {status}
 WHERE status <> 'closed'
 ORDER BY batch_key
