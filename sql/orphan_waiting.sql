-- Rows that wait, by key alone: whose requests a batch holds that only the
-- provider knows.
SELECT c.{key}
  FROM {source} c
 WHERE c.{processed} IS NULL
   AND NOT EXISTS (SELECT 1 FROM {claim} k WHERE k.userid = c.{key})
