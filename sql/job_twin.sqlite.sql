-- Who has that custom_id already.
SELECT position FROM {source} WHERE custom_id = :custom_id
