-- Texts of records that wait, to count their tokens.  Some of them stand
-- for all.
SELECT {top :count} {whole c.{text}}
  FROM {source} c
 WHERE c.{processed} IS NULL
   AND c.{text} IS NOT NULL AND c.{text} <> ''
   AND NOT EXISTS (SELECT 1 FROM {claim} k WHERE k.userid = c.{key})
   AND NOT EXISTS (SELECT 1 FROM {item} i
                    WHERE i.userid = c.{key}
                      AND i.state IN ('dead', 'skipped') {changed_guard})
   {where}
 {limit :count}
