SELECT {top :count} i.userid, {whole c.{text}}, i.state, {custom_value}
  FROM {item} i LEFT JOIN {source} c ON c.{key} = i.userid
 WHERE i.batch_key = :batch AND i.state IN ('claimed', 'submitted')
   AND i.userid > CAST(:after AS {key_type})
 ORDER BY i.userid
 {limit :count}
