-- The texts that a chunk of answers is checked against (CROSS JOIN keeps
-- the order: a key at a time).
SELECT c.{key}, {whole c.{text}}
  FROM json_each(:ids) j CROSS JOIN {source} c
    ON c.{key} = CAST(j.value AS {key_type})
