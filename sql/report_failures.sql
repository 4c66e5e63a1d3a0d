-- Why records are given up or wait for another try, of each the newest item.
SELECT {top :count} i.state, i.error_code, COUNT(*) AS records,
       MIN({as_text i.userid}) AS example, MIN(i.error_message) AS message
  FROM {item} i
 WHERE i.state IN ('retry', 'dead', 'skipped')
   AND NOT EXISTS (SELECT 1 FROM {item} n
                    WHERE n.userid = i.userid AND n.batch_key > i.batch_key)
 GROUP BY i.state, i.error_code
 ORDER BY COUNT(*) DESC
 {limit :count}
