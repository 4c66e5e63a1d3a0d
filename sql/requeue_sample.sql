-- Some of their texts, to count tokens.
SELECT {top :count} {whole c.{text}}
  FROM {source} c
 WHERE c.{processed} IS NOT NULL
   AND c.{text} IS NOT NULL AND c.{text} <> ''
   AND NOT EXISTS (SELECT 1 FROM {claim} k WHERE k.userid = c.{key})
   {where} {requeue}
 {limit :count}
