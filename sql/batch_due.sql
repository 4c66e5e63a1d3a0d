-- How many batches are open, and for how long the first of them has been
-- due (negative: seconds to go).  What a person must decide isn't waited for.
SELECT COUNT(*), MAX({since next_check_at})
  FROM {status}
 WHERE status <> 'closed' AND status <> 'unknown'
