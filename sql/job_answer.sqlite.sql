-- An answer to a record; of several the newest batch's.
UPDATE {source}
   SET response = :response, duration = :duration, answer_batch = :batch,
       answer_file = :file, answer_at = :at, answer_bytes = :bytes
 WHERE custom_id = :custom_id
