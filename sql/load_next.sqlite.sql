-- The id for a file that brings none.
SELECT COALESCE(MAX({key}), 0) + 1 FROM {source}
