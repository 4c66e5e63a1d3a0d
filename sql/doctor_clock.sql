-- The database's clock, UTC.
SELECT {now}
