-- Texts of a batch in key order, a chunk at a time.
SELECT {top :count} i.userid, {whole c.{text}}, i.state, {custom_value}
  FROM {item} i LEFT JOIN {source} c ON c.{key} = i.userid
 WHERE i.batch_key = :batch AND i.state IN ('claimed', 'submitted')
 ORDER BY i.userid
 {limit :count}
