-- Is there a record of that id, or anything kept of one?
SELECT 1 FROM {source} c WHERE c.{key} = CAST(:userid AS {key_type})
UNION ALL
SELECT 1 FROM {item} i WHERE i.userid = CAST(:userid AS {key_type})
UNION ALL
SELECT 1 FROM {before} b WHERE b.userid = CAST(:userid AS {key_type})
