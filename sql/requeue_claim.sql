-- Processed rows to be sent again.  Their values and LastProcessed stay
-- until they are replaced.
INSERT INTO {claim} (userid, batch_key, claimed_at)
SELECT {top :count} c.{key}, :batch, {now}
  FROM {source} c
 WHERE c.{processed} IS NOT NULL
   AND c.{text} IS NOT NULL AND c.{text} <> ''
   AND NOT EXISTS (SELECT 1 FROM {claim} k WHERE k.userid = c.{key})
   AND NOT EXISTS (SELECT 1 FROM {item} i
                    WHERE i.userid = c.{key} AND i.batch_key >= :since)
   {where} {requeue}
 ORDER BY c.{key}
 {limit :count}
