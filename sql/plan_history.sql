-- What answers of this profile and model were like so far.
SELECT COUNT(i.output_tokens), AVG(i.output_tokens * 1.0),
       MAX(i.output_tokens)
  FROM {item} i JOIN {status} s ON s.batch_key = i.batch_key
 WHERE i.state = 'done' AND s.model = :model AND s.profile_hash = :profile_hash
