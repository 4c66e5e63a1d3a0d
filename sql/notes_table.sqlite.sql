-- What a write to the table sets off, and what is not as it should be:
-- severity (spoils, effect), text.
SELECT 'effect', 'the trigger ' || m.name || ' fires'
  FROM sqlite_master m
 WHERE m.type = 'trigger' AND lower(m.tbl_name) = lower(:table)
UNION ALL
SELECT 'spoils', 'nothing says that ' || :key || ' is unique in ' || :table
       || ': add a unique index on it'
 WHERE NOT EXISTS (SELECT 1 FROM pragma_table_info(:table) t
                    WHERE lower(t.name) = lower(:key) AND t.pk = 1
                      AND (SELECT MAX(o.pk)
                             FROM pragma_table_info(:table) o) = 1)
   AND NOT EXISTS (SELECT 1 FROM pragma_index_list(:table) l
                    WHERE l."unique" = 1 AND l.partial = 0
                      AND (SELECT COUNT(*)
                             FROM pragma_index_info(l.name)) = 1
                      AND (SELECT lower(x.name)
                             FROM pragma_index_info(l.name) x) = lower(:key))
UNION ALL
SELECT 'spoils', 'records of ' || :table || ' have no ' || :key
 WHERE EXISTS (SELECT 1 FROM {source} c WHERE c.{key} IS NULL)
