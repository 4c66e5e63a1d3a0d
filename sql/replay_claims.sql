INSERT INTO {claim} (userid, batch_key, claimed_at)
SELECT i.userid, i.batch_key, {now}
  FROM {item} i
 WHERE i.batch_key = :to
