-- Is there a record of that id, or anything kept of one?  As text as well:
-- SQLite casts "7up" to 7.
SELECT 1 FROM {source} c
 WHERE c.{key} = CAST(:userid AS {key_type}) AND {as_text c.{key}} = :userid
UNION ALL
SELECT 1 FROM {item} i
 WHERE i.userid = CAST(:userid AS {key_type}) AND {as_text i.userid} = :userid
UNION ALL
SELECT 1 FROM {before} b
 WHERE b.userid = CAST(:userid AS {key_type}) AND {as_text b.userid} = :userid
