-- repeatable
-- Hold a batch for a while, by the database's clock; each taking raises the
-- fence, so that whoever held it before can't write any more.
UPDATE {status}
   SET worker = :worker, lease_until = {now+:lease}, fence = fence + 1
 WHERE batch_key = :key AND status <> 'closed'
   AND (worker IS NULL OR worker = :worker OR lease_until IS NULL
        OR lease_until < {now})
