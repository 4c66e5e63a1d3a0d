-- Within a transaction: keeps the batch's row locked, and changes one row
-- only while the lease is still ours.
UPDATE {status}
   SET fence = fence
 WHERE batch_key = :key AND fence = :fence
