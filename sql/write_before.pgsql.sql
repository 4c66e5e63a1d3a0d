-- Old values of a chunk, so that undo can put them back.
INSERT INTO {before} (batch_key, userid, old_values, new_values, written_at)
SELECT i.batch_key, i.userid,
       (SELECT CAST(to_jsonb(o) AS text)
          FROM (SELECT {each values ", "}c.{column} AS "{path}"{end}) o),
       CAST(e.value AS text), {now}
  FROM jsonb_array_elements(CAST(:rows AS jsonb)) e(value)
  JOIN {item} i ON i.batch_key = :batch AND i.state = 'submitted'
   AND i.userid = CAST(e.value->>'u' AS {key_type})
  JOIN {source} c ON c.{key} = i.userid
    ON CONFLICT (batch_key, userid) DO NOTHING
