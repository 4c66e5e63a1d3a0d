-- vitae's own tables, version 3: what the same tokens would have cost by
-- single requests, and views that answer more.

ALTER TABLE {status} ADD standard_cost {money};
GO
DROP VIEW {cost_view};
GO
DROP VIEW {progress_view};
GO

-- What was paid, by provider and model, and what was saved against single
-- requests at the standard price.
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
       SUM(s.standard_cost) AS standard_cost,
       SUM(s.standard_cost - s.actual_cost) AS saving,
       MIN(s.created_at) AS first_batch_at,
       MAX(s.created_at) AS last_batch_at
  FROM {status} s
 GROUP BY s.provider, s.model, s.currency;
GO

-- How far each open batch is, and for how long it has been overdue: its next
-- look (hours_overdue), its time at the provider (hours_past_window), a
-- worker's hold (hours_past_lease); negative: still to go.
CREATE VIEW {progress_view} AS
SELECT s.batch_key, s.batch_id, s.provider, s.model, s.status,
       s.provider_status, s.request_count, s.completed_count, s.failed_count,
       s.done_count, s.retry_count, s.dead_count, s.skipped_count,
       CASE WHEN s.request_count > 0
            THEN 100.0 * s.completed_count / s.request_count END AS percent_done,
       s.created_at, s.submitted_at, s.last_checked_at, s.next_check_at,
       {since s.created_at} / 3600.0 AS age_hours,
       {since s.next_check_at} / 3600.0 AS hours_overdue,
       {since s.window_ends_at} / 3600.0 AS hours_past_window,
       {since s.lease_until} / 3600.0 AS hours_past_lease,
       s.check_failures, s.worker, s.error_code, s.error_message
  FROM {status} s
 WHERE s.status <> 'closed';
GO
