-- Rows without any text never reach a model: marked once, counted, shown.
INSERT INTO {item} (batch_key, userid, state, attempt, error_code,
                    error_message, flags, updated_at, source_changed)
SELECT {top :count} :batch, c.{key}, 'skipped', 0, 'empty',
       'the record has no text', '', {now}, {changed_value}
  FROM {source} c
 WHERE c.{processed} IS NULL
   AND (c.{text} IS NULL OR c.{text} = '')
   AND NOT EXISTS (SELECT 1 FROM {claim} k WHERE k.userid = c.{key})
   AND NOT EXISTS (SELECT 1 FROM {item} i
                    WHERE i.userid = c.{key}
                      AND i.state IN ('dead', 'skipped') {changed_guard})
   {where}
 {limit :count}
