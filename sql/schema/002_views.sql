-- vitae's views, version 2: what a DBA would otherwise write.

-- How far each open batch is.
CREATE VIEW {progress_view} AS
SELECT s.batch_key, s.batch_id, s.provider, s.model, s.status,
       s.provider_status, s.request_count, s.completed_count, s.failed_count,
       s.done_count, s.retry_count, s.dead_count, s.skipped_count,
       CASE WHEN s.request_count > 0
            THEN 100.0 * s.completed_count / s.request_count END AS percent_done,
       s.created_at, s.submitted_at, s.last_checked_at, s.next_check_at,
       {since s.created_at} / 3600.0 AS age_hours,
       s.worker, s.error_code, s.error_message
  FROM {status} s
 WHERE s.status <> 'closed';
GO

-- Records that were given up, passed over or wait for another try, and why;
-- of each only its newest item.
CREATE VIEW {failures_view} AS
SELECT i.userid, i.state, i.error_code, i.error_message, i.attempt, i.flags,
       i.batch_key, s.batch_id, s.provider, s.model, i.updated_at
  FROM {item} i
  LEFT JOIN {status} s ON s.batch_key = i.batch_key
 WHERE i.state IN ('retry', 'dead', 'skipped')
   AND NOT EXISTS (SELECT 1 FROM {item} n
                    WHERE n.userid = i.userid AND n.batch_key > i.batch_key);
GO

-- What was paid, by provider and model.
CREATE VIEW {cost_view} AS
SELECT s.provider, s.model, s.currency, COUNT(*) AS batches,
       SUM(CASE WHEN s.status <> 'closed' THEN 1 ELSE 0 END) AS open_batches,
       SUM(s.done_count) AS records_done,
       SUM(s.input_tokens) AS input_tokens,
       SUM(s.cached_tokens) AS cached_tokens,
       SUM(s.output_tokens) AS output_tokens,
       SUM(s.actual_cost) AS actual_cost,
       SUM(CASE WHEN s.actual_cost IS NULL THEN s.estimated_cost
                ELSE 0 END) AS reserved_cost,
       MIN(s.created_at) AS first_batch_at,
       MAX(s.created_at) AS last_batch_at
  FROM {status} s
 GROUP BY s.provider, s.model, s.currency;
GO

-- What waits, what is at work, what is done, as numbers of records.
CREATE VIEW {backlog_view} AS
SELECT (SELECT COUNT(*) FROM {source} c
         WHERE c.{processed} IS NULL
           AND c.{text} IS NOT NULL AND c.{text} <> '') AS unprocessed,
       (SELECT COUNT(*) FROM {claim}) AS at_work,
       (SELECT COUNT(*) FROM {source} c
         WHERE c.{processed} IS NULL
           AND EXISTS (SELECT 1 FROM {item} i
                        WHERE i.userid = c.{key}
                          AND i.state IN ('dead', 'skipped'))) AS given_up,
       (SELECT COUNT(*) FROM {source} c
         WHERE c.{processed} IS NOT NULL) AS processed,
       (SELECT SUM(s.done_count) FROM {status} s
         WHERE {since s.collected_at} <= 86400) AS done_last_day;
GO

-- Who works, and until when it holds what.
CREATE VIEW {workers_view} AS
SELECT s.worker, COUNT(*) AS batches, MIN(s.status) AS a_status,
       MAX(s.lease_until) AS lease_until,
       MIN(-({since s.lease_until})) AS seconds_left,
       MAX(s.last_checked_at) AS last_checked_at
  FROM {status} s
 WHERE s.worker IS NOT NULL AND s.status <> 'closed'
 GROUP BY s.worker;
GO
