-- Some records that wait, with what their columns hold now; only read.
SELECT {top :count} c.{key}, {whole c.{text}}{each values ""}, c.{column}{end}
  FROM {source} c
 WHERE c.{processed} IS NULL
   AND c.{text} IS NOT NULL AND c.{text} <> ''
   AND NOT EXISTS (SELECT 1 FROM {claim} k WHERE k.userid = c.{key})
   {where}
 ORDER BY {order}
 {limit :count}
