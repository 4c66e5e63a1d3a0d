-- What a chunk is about to replace, within the transaction that does it.
SELECT c.{key}{each values ""}, c.{column}{end}
  FROM json_each(:ids) j CROSS JOIN {source} c
    ON c.{key} = CAST(j.value AS {key_type})
