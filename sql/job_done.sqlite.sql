-- The same while it runs, out of what the batches have written.
SELECT COUNT(*), COALESCE(SUM(LastProcessed IS NOT NULL), 0)
  FROM {source}
