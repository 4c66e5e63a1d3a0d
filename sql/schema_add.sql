INSERT INTO {schema} (version, applied_at)
VALUES (:version, {now})
