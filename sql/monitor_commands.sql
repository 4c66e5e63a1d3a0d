-- What a DBA asked for and no worker has taken up.
SELECT COUNT(*), MAX({since asked_at})
  FROM {command}
 WHERE state = 'asked'
