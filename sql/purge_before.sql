-- Old values beyond their time.
DELETE FROM {before} WHERE {since written_at} > :seconds
