-- The columns of a table: schema, table, column, type, width, precision,
-- scale, nullable, computed, collation.  A table of just that spelling wins
-- over one that differs in case; without a schema the search path decides.
SELECT n.nspname, c.relname, a.attname,
       format_type(a.atttypid, NULL),
       CASE WHEN a.atttypid IN (1042, 1043) AND a.atttypmod > 4
            THEN a.atttypmod - 4 END,
       CASE WHEN a.atttypid = 1700 AND a.atttypmod > 4
            THEN ((a.atttypmod - 4) >> 16) & 65535 END,
       CASE WHEN a.atttypid = 1700 AND a.atttypmod > 4
            THEN (a.atttypmod - 4) & 65535 END,
       CASE WHEN a.attnotnull THEN 0 ELSE 1 END,
       CASE WHEN a.attgenerated = '' AND a.attidentity <> 'a' THEN 0
            ELSE 1 END,
       COALESCE((SELECT CASE WHEN k.collname = 'default' THEN ''
                        ELSE k.collname END
                   FROM pg_collation k WHERE k.oid = a.attcollation), '')
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid
 WHERE a.attnum > 0 AND NOT a.attisdropped
   AND c.oid = (SELECT d.oid
                  FROM pg_class d JOIN pg_namespace m ON m.oid = d.relnamespace
                 WHERE d.relkind IN ('r', 'p', 'v', 'm', 'f')
                   AND lower(d.relname) = lower(:table)
                   AND CASE WHEN CAST(:schema AS text) = ''
                            THEN m.nspname = ANY (current_schemas(false))
                            ELSE lower(m.nspname) = lower(:schema) END
                 ORDER BY CASE WHEN d.relname = :table THEN 0
                               WHEN d.relname = lower(:table) THEN 1
                               ELSE 2 END,
                          array_position(current_schemas(false), m.nspname)
                 LIMIT 1)
 ORDER BY a.attnum
