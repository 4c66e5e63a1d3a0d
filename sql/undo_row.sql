-- A record's old values come back where the value is still ours; what
-- somebody changed since stays.  The record counts as not processed again.
UPDATE {source}
   SET {processed} = NULL{each values ""},
       {column} = CASE WHEN {column} = CAST(:new_{path} AS {type})
                         OR ({column} IS NULL AND CAST(:new_{path} AS {type}) IS NULL)
                  THEN CAST(:old_{path} AS {type}) ELSE {column} END{end}
 WHERE {key} = CAST(:userid AS {key_type})
