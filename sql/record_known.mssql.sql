-- Is there a record of that id, or anything kept of one?  No error where the
-- id can't be a key.
SELECT 1 FROM {source} c WHERE c.{key} = TRY_CONVERT({key_type}, :userid)
UNION ALL
SELECT 1 FROM {item} i WHERE i.userid = TRY_CONVERT({key_type}, :userid)
UNION ALL
SELECT 1 FROM {before} b WHERE b.userid = TRY_CONVERT({key_type}, :userid)
