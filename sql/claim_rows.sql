-- Pick waiting rows: a key already claimed loses quietly here and loudly at
-- the primary key.  The user's table is only read.
INSERT INTO {claim} (userid, batch_key, claimed_at)
SELECT {top :count} c.{key}, :batch, {now}
  FROM {source} c
 WHERE c.{processed} IS NULL
   AND c.{text} IS NOT NULL AND c.{text} <> ''
   AND NOT EXISTS (SELECT 1 FROM {claim} k WHERE k.userid = c.{key})
   AND NOT EXISTS (SELECT 1 FROM {item} i
                    WHERE i.userid = c.{key}
                      AND i.state IN ('dead', 'skipped') {changed_guard})
   {where}
 ORDER BY {order}
 {limit :count}
