-- Old values of a chunk, so that undo can put them back.  NULLs are left out.
-- (As json, not jsonb, and with the keys beside it: half the time.)
INSERT INTO {before} (batch_key, userid, old_values, new_values, written_at)
SELECT i.batch_key, i.userid,
       (SELECT CAST(json_strip_nulls(row_to_json(o)) AS text)
          FROM (SELECT {each values ", "}c.{column} AS "{path}"{end}) o),
       CAST(e.value AS text), {now}
  FROM ROWS FROM (json_array_elements(CAST(:rows AS json)),
                  json_array_elements_text(CAST(:ids AS json))) e(value, id)
  JOIN {item} i ON i.batch_key = :batch AND i.state = 'submitted'
   AND i.userid = CAST(e.id AS {key_type})
  JOIN {source} c ON c.{key} = i.userid
    ON CONFLICT (batch_key, userid) DO NOTHING
