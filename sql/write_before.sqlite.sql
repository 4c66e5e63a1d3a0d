-- Old values of some of a chunk's records, so that undo can put them back.
-- NULLs are left out.  (The old ones are read by write_old: building the JSON
-- of 78 columns in SQL takes ten times as long.  Materialized: else each look at
-- a value writes its JSON anew.)
INSERT OR IGNORE INTO {before}
       (batch_key, userid, old_values, new_values, written_at)
  WITH j(value) AS MATERIALIZED (SELECT value FROM json_each(:rows))
SELECT i.batch_key, i.userid, j.value->'o', j.value->'n', {now}
  FROM j
 CROSS JOIN {item} i ON i.batch_key = :batch AND i.state = 'submitted'
   AND i.userid = CAST(j.value->>'u' AS {key_type})
 CROSS JOIN {source} c ON c.{key} = i.userid
