-- An item for each row won.  Its attempt counts the tries before it that
-- were the record's own fault.
INSERT INTO {item} (batch_key, userid, state, attempt, flags, updated_at,
                    source_changed)
SELECT k.batch_key, k.userid, 'claimed',
       1 + COALESCE((SELECT MAX(i.attempt) FROM {item} i
                      WHERE i.userid = k.userid AND i.state = 'retry'), 0),
       '', {now}, {changed_value}
  FROM {claim} k JOIN {source} c ON c.{key} = k.userid
 WHERE k.batch_key = :batch
