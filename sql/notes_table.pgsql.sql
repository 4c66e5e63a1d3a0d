-- What a write to the table sets off, and what is not as it should be:
-- severity (spoils, effect), text.
SELECT 'effect', 'the trigger ' || t.tgname || ' fires'
  FROM pg_trigger t
 WHERE t.tgrelid = CAST(:real AS regclass) AND NOT t.tgisinternal
   AND t.tgenabled <> 'D'
UNION ALL
SELECT 'effect', 'the rule ' || r.rulename || ' rewrites statements'
  FROM pg_rewrite r
 WHERE r.ev_class = CAST(:real AS regclass) AND r.rulename <> '_RETURN'
UNION ALL
SELECT 'effect', 'the publication ' || p.pubname || ' replicates it'
  FROM pg_publication_tables p
  JOIN pg_class c ON c.relname = p.tablename
  JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = p.schemaname
 WHERE c.oid = CAST(:real AS regclass)
UNION ALL
SELECT 'spoils', 'row security hides records from this login'
 WHERE row_security_active(CAST(:real AS regclass))
UNION ALL
SELECT 'spoils', 'it is no table but a '
       || CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
          ELSE 'foreign table' END
  FROM pg_class c
 WHERE c.oid = CAST(:real AS regclass) AND c.relkind IN ('v', 'm', 'f')
UNION ALL
SELECT 'spoils', 'nothing says that ' || CAST(:key AS text)
       || ' is unique: add a unique index on it'
 WHERE NOT EXISTS (SELECT 1
                     FROM pg_index i
                     JOIN pg_attribute a ON a.attrelid = i.indrelid
                                        AND a.attnum = i.indkey[0]
                    WHERE i.indrelid = CAST(:real AS regclass)
                      AND i.indisunique AND i.indisvalid
                      AND i.indpred IS NULL AND i.indnkeyatts = 1
                      AND a.attname = CAST(:key AS text))
UNION ALL
SELECT 'spoils', 'records have no ' || CAST(:key AS text)
 WHERE EXISTS (SELECT 1 FROM {source} c WHERE c.{key} IS NULL)
