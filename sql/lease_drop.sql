-- repeatable
UPDATE {status}
   SET worker = NULL, lease_until = NULL
 WHERE batch_key = :key AND worker = :worker AND fence = :fence
