-- The longest that a record has been waiting.
SELECT MAX({since c.{changed}})
  FROM {source} c
 WHERE c.{processed} IS NULL
   AND NOT EXISTS (SELECT 1 FROM {item} i
                    WHERE i.userid = c.{key}
                      AND i.state IN ('dead', 'skipped') {changed_guard})
   {where}
