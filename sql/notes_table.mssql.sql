-- What a write to the table sets off, and what is not as it should be:
-- severity (spoils, effect), text.
SELECT 'effect', 'the trigger ' + t.name + ' fires'
  FROM sys.triggers t
 WHERE t.parent_id = OBJECT_ID(:real) AND t.is_disabled = 0
UNION ALL
SELECT 'spoils', 'nothing says that ' + :key
       + ' is unique: add a unique index on it'
 WHERE NOT EXISTS (SELECT 1
                     FROM sys.indexes i
                    WHERE i.object_id = OBJECT_ID(:real) AND i.is_unique = 1
                      AND (SELECT COUNT(*) FROM sys.index_columns n
                            WHERE n.object_id = i.object_id
                              AND n.index_id = i.index_id
                              AND n.key_ordinal > 0) = 1
                      AND EXISTS (SELECT 1
                                    FROM sys.index_columns x
                                    JOIN sys.columns c
                                      ON c.object_id = x.object_id
                                     AND c.column_id = x.column_id
                                   WHERE x.object_id = i.object_id
                                     AND x.index_id = i.index_id
                                     AND x.key_ordinal = 1
                                     AND LOWER(c.name) = LOWER(:key)))
UNION ALL
SELECT 'spoils', 'records have no ' + :key
 WHERE EXISTS (SELECT 1 FROM {source} c WHERE c.{key} IS NULL)
