-- How often a record came back empty-handed, whosever fault it was.
SELECT COUNT(*)
  FROM {item}
 WHERE userid = CAST(:userid AS {key_type}) AND state = 'retry'
