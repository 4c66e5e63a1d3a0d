SELECT c.{key}, {whole c.{text}}
  FROM OPENJSON(:ids) j
  JOIN {source} c ON c.{key} = CAST(j.value AS {key_type})
