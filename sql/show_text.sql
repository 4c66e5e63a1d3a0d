-- One record's key, as the database writes it, and its text.
SELECT c.{key}, {whole c.{text}}
  FROM {source} c
 WHERE c.{key} = CAST(:userid AS {key_type})
