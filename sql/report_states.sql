-- How the records that vitae has had in hand stand: of each the newest item
-- (keys of batches sort by time).
SELECT i.state, COUNT(*)
  FROM {item} i
 WHERE NOT EXISTS (SELECT 1 FROM {item} n
                    WHERE n.userid = i.userid AND n.batch_key > i.batch_key)
 GROUP BY i.state
