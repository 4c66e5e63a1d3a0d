DELETE FROM {before}
 WHERE batch_key = :batch AND userid = CAST(:userid AS {key_type})
