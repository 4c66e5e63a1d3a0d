-- The rest of a batch that is full goes to a batch of its own.
UPDATE {claim}
   SET batch_key = :to
 WHERE batch_key = :from
   AND userid IN (SELECT i.userid FROM {item} i
                   WHERE i.batch_key = :to)
