-- The answers of a batch once more, for records that nothing newer answered.
INSERT INTO {item} (batch_key, userid, custom_id, state, attempt, text_hash,
                    flags, line_number, updated_at, source_changed)
SELECT :to, i.userid, i.custom_id, 'submitted', i.attempt, i.text_hash,
       '', i.line_number, {now}, i.source_changed
  FROM {item} i
 WHERE i.batch_key = :from AND i.custom_id IS NOT NULL
   AND i.state IN ('done', 'retry', 'dead')
   AND NOT EXISTS (SELECT 1 FROM {claim} k WHERE k.userid = i.userid)
   AND NOT EXISTS (SELECT 1 FROM {item} n
                    WHERE n.userid = i.userid AND n.batch_key > i.batch_key
                      AND n.state = 'done')
