-- How far the job is: records, done, given up, input and output tokens.
SELECT COUNT(*), COALESCE(SUM(success = 1), 0), COALESCE(SUM(success = 0), 0),
       SUM(tokens_in), SUM(tokens_out)
  FROM {source}
