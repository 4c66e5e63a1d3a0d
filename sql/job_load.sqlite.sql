SELECT job_id, name, status, model, provider, base_url, profile, profile_hash,
       input, input_bytes, input_hash, input_changed, loaded, left_out, total,
       completed, failed, seconds, created_at, started_at, completed_at,
       updated_at, options, checksum
  FROM {job}
