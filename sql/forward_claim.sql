-- Records of a batch that another provider is to try: those it left over
-- (:rest = 1), or those whose answers did not hold.
INSERT INTO {claim} (userid, batch_key, claimed_at)
SELECT i.userid, :batch, {now}
  FROM {item} i
 WHERE i.batch_key = :from
   AND ((:rest = 1 AND i.state = 'retry')
        OR (:rest = 0 AND i.state IN ('retry', 'dead')
            AND i.error_code IN ('not_json', 'schema', 'absurd', 'empty',
                                 'cut', 'refused', 'malformed')))
   AND NOT EXISTS (SELECT 1 FROM {claim} k WHERE k.userid = i.userid)
   AND NOT EXISTS (SELECT 1 FROM {item} n
                    WHERE n.userid = i.userid AND n.batch_key > i.batch_key)
