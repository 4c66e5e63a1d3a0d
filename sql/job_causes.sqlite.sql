-- Why records failed, the most frequent first, with one of each.
SELECT error, COUNT(*), MIN(custom_id)
  FROM {source}
 WHERE success = 0
 GROUP BY error
 ORDER BY COUNT(*) DESC, error
 LIMIT 5
