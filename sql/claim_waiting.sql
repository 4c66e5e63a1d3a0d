-- Is there work?  Counts up to a limit, not the whole table.
SELECT COUNT(*)
  FROM (SELECT {top :count} c.{key} AS id
          FROM {source} c
         WHERE c.{processed} IS NULL
           AND NOT EXISTS (SELECT 1 FROM {claim} k WHERE k.userid = c.{key})
           AND NOT EXISTS (SELECT 1 FROM {item} i
                            WHERE i.userid = c.{key}
                              AND i.state IN ('dead', 'skipped')
                              {changed_guard})
           {where}
         {limit :count}) w
