-- What became of one record in each batch that had it, the newest first.
SELECT i.batch_key, s.batch_id, i.state, i.attempt, i.error_code,
       i.error_message, i.flags, i.evidence, i.input_tokens, i.output_tokens,
       i.updated_at, s.provider, s.host, s.model, s.profile, s.profile_hash,
       i.text_hash
  FROM {item} i LEFT JOIN {status} s ON s.batch_key = i.batch_key
 WHERE i.userid = CAST(:userid AS {key_type})
 ORDER BY i.batch_key DESC
