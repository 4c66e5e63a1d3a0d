DELETE FROM {before} WHERE userid = CAST(:userid AS {key_type})
