-- BEGIN IMMEDIATE has the only write lock there is.
SELECT 1
