-- A text becomes a record that waits; the newest text of an id wins and is
-- processed again.
INSERT INTO {source} ({key}, {text}, {changed})
VALUES (CAST(:id AS {key_type}), :text, {now})
    ON CONFLICT ({key}) DO UPDATE
   SET {text} = excluded.{text}, {changed} = excluded.{changed},
       {processed} = NULL
 WHERE {source}.{text} IS NOT excluded.{text}
