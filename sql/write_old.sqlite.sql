-- What a chunk is about to replace, within the transaction that does it: only
-- records that hold anything.
SELECT c.{key}{each values ""}, c.{column}{end}
  FROM json_each(:ids) j CROSS JOIN {source} c
    ON c.{key} = CAST(j.value AS {key_type})
 WHERE (1{each values ""}, c.{column}{end})
       IS NOT (1{each values ""}, NULL{end})
