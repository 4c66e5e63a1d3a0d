-- vitae's own tables, version 5: a record without text is no part of what
-- waits, so it is none of what was given up of it either.

DROP VIEW {backlog_view};
GO

-- What waits, what is at work, what is done, as numbers of records.
CREATE VIEW {backlog_view} AS
SELECT (SELECT COUNT(*) FROM {source} c
         WHERE c.{processed} IS NULL
           AND c.{text} IS NOT NULL AND c.{text} <> '') AS unprocessed,
       (SELECT COUNT(*) FROM {claim}) AS at_work,
       (SELECT COUNT(*) FROM {source} c
         WHERE c.{processed} IS NULL
           AND c.{text} IS NOT NULL AND c.{text} <> ''
           AND EXISTS (SELECT 1 FROM {item} i
                        WHERE i.userid = c.{key}
                          AND i.state IN ('dead', 'skipped'))) AS given_up,
       (SELECT COUNT(*) FROM {source} c
         WHERE c.{processed} IS NOT NULL) AS processed,
       (SELECT SUM(s.done_count) FROM {status} s
         WHERE {since s.collected_at} <= 86400) AS done_last_day;
GO
