UPDATE {item}
   SET batch_key = :to
 WHERE batch_key = :from AND state = 'claimed'
   AND userid > CAST(:after AS {key_type})
