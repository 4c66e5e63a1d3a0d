-- What a connection begins with: readers and one writer at a time do not
-- block each other, and what is committed survives a power cut.
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA foreign_keys = ON;
