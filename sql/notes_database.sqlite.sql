-- The same of the database as a whole.
SELECT 'effect', 'the journal is no WAL (a network file system?): who reads'
       || ' waits for who writes'
  FROM pragma_journal_mode j
 WHERE j.journal_mode <> 'wal'
