-- The same of the database as a whole.
SELECT 'spoils', 'the compatibility level is '
       + CAST(d.compatibility_level AS varchar(9))
       + ': OPENJSON, which a set-based write needs, begins with 130'
  FROM sys.databases d
 WHERE d.name = DB_NAME() AND d.compatibility_level < 130
UNION ALL
SELECT 'effect', 'READ_COMMITTED_SNAPSHOT is off: who reads waits for who'
       + ' writes'
  FROM sys.databases d
 WHERE d.name = DB_NAME() AND d.is_read_committed_snapshot_on = 0
UNION ALL
SELECT 'spoils', 'the database is read-only'
  FROM sys.databases d
 WHERE d.name = DB_NAME() AND d.is_read_only = 1
