-- The texts that a chunk of answers is checked against.
SELECT c.{key}, c.{text}
  FROM json_each(:ids) j JOIN {source} c
    ON c.{key} = CAST(j.value AS {key_type})
