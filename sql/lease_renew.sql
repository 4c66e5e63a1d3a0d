-- repeatable
UPDATE {status}
   SET lease_until = {now+:lease}
 WHERE batch_key = :key AND worker = :worker AND fence = :fence
