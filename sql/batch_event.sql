-- Append only: one row per transition.
INSERT INTO {event} (batch_key, at, from_status, to_status, worker, detail)
VALUES (:key, {now}, :from, :to, :worker, :detail)
