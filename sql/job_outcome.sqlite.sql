-- What became of each record, by its newest item.
UPDATE {source}
   SET (success, error, tokens_in, tokens_out) =
       (SELECT CASE WHEN i.state = 'done' THEN 1
                    WHEN i.state IN ('dead', 'skipped') THEN 0 END,
               CASE WHEN i.state <> 'done' AND i.error_code IS NOT NULL
                    THEN i.error_code || CASE WHEN i.error_message <> ''
                         THEN ': ' || i.error_message ELSE '' END END,
               i.input_tokens, i.output_tokens
          FROM {item} i
         WHERE i.userid = {source}.position
         ORDER BY i.batch_key DESC
         LIMIT 1)
