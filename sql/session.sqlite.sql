-- What a connection begins with: readers and one writer at a time do not
-- block each other, and what is committed survives a power cut.
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA foreign_keys = ON;
-- A chunk's pages stay in memory until it commits (6 MiB): spilled ones are
-- written to the log again and again.  And the log is copied back once in
-- 16 MiB, not at every other chunk.
PRAGMA cache_size = -6144;
PRAGMA wal_autocheckpoint = 4000;
