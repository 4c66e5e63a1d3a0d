DELETE FROM {item} WHERE userid = CAST(:userid AS {key_type})
