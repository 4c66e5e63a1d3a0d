-- A record of the input.
INSERT INTO {source} (position, id, custom_id, text)
VALUES (:position, :id, :custom_id, :text)
    ON CONFLICT (custom_id) DO NOTHING
