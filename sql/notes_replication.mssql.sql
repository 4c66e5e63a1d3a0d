-- What follows each write elsewhere.
SELECT 'effect', 'change data capture records it'
  FROM sys.tables t
 WHERE t.object_id = OBJECT_ID(:real) AND t.is_tracked_by_cdc = 1
UNION ALL
SELECT 'effect', 'replication sends it on'
  FROM sys.tables t
 WHERE t.object_id = OBJECT_ID(:real)
   AND (t.is_published = 1 OR t.is_merge_published = 1)
UNION ALL
SELECT 'effect', 'a history of it is kept (temporal table)'
  FROM sys.tables t
 WHERE t.object_id = OBJECT_ID(:real) AND t.temporal_type = 2
UNION ALL
SELECT 'effect', 'change tracking counts it'
  FROM sys.change_tracking_tables t
 WHERE t.object_id = OBJECT_ID(:real)
