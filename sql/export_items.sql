-- The records of a batch in key order: what was asked of them, what became
-- of them.
SELECT i.userid, i.custom_id, i.state, i.error_code, i.error_message,
       i.input_tokens, i.output_tokens, {whole c.{text}}
  FROM {item} i LEFT JOIN {source} c ON c.{key} = i.userid
 WHERE i.batch_key = :batch
 ORDER BY i.userid
