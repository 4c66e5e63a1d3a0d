SELECT c.{key}, {whole c.{text}}
  FROM jsonb_array_elements_text(CAST(:ids AS jsonb)) j(id)
  JOIN {source} c ON c.{key} = CAST(j.id AS {key_type})
