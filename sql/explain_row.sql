-- The record's text and what is stored of it now.
SELECT {whole c.{text}}, {each values ", "}c.{column}{end}
  FROM {source} c
 WHERE c.{key} = CAST(:userid AS {key_type})
