-- Which of a chunk's records still wait for their answer.
SELECT i.userid
  FROM json_each(:ids) j CROSS JOIN {item} i
    ON i.batch_key = :batch AND i.state = 'submitted'
   AND i.userid = CAST(j.value AS {key_type})
