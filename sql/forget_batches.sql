-- Where a person's data may lie: batches that had the record, and replays,
-- whose files are another batch's with records that were left out.
SELECT s.batch_key, s.status, s.section, s.input_file_id, s.output_file_id,
       s.error_file_id, i.custom_id
  FROM {item} i
  JOIN {status} s ON s.batch_key = i.batch_key OR
       (s.provider = 'replay' AND i.custom_id IS NOT NULL)
 WHERE i.userid = CAST(:userid AS {key_type})
 ORDER BY s.batch_key
