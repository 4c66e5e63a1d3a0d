-- Old values, so that undo can put them back.  (They are read by write_old:
-- building the JSON of 78 columns in SQL takes ten times as long.)
INSERT OR IGNORE INTO {before}
       (batch_key, userid, old_values, new_values, written_at)
SELECT i.batch_key, i.userid, :old_values, :new_values, {now}
  FROM {item} i
 WHERE i.batch_key = :batch AND i.state = 'submitted'
   AND i.userid = CAST(:userid AS {key_type})
