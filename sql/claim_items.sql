-- An item for each row won.  Its attempt counts the tries before it, since
-- the record was last done, that were the record's own fault.
INSERT INTO {item} (batch_key, userid, state, attempt, flags, updated_at,
                    source_changed)
SELECT k.batch_key, k.userid, 'claimed',
       1 + COALESCE((SELECT MAX(i.attempt) FROM {item} i
                      WHERE i.userid = k.userid AND i.state = 'retry'
                        AND NOT EXISTS (SELECT 1 FROM {item} d
                                         WHERE d.userid = i.userid
                                           AND d.state = 'done'
                                           AND d.batch_key > i.batch_key)), 0),
       '', {now}, {changed_value}
  FROM {claim} k JOIN {source} c ON c.{key} = k.userid
 WHERE k.batch_key = :batch
