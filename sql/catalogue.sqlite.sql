-- The columns of a table: schema, table, column, type, width, precision,
-- scale, nullable, computed, collation.  SQLite declares a type as text.
SELECT 'main', m.name, x.name, x.type, NULL, NULL, NULL,
       CASE x."notnull" WHEN 0 THEN 1 ELSE 0 END,
       CASE WHEN x.hidden > 1 THEN 1 ELSE 0 END, ''
  FROM sqlite_master m JOIN pragma_table_xinfo(m.name) x
 WHERE m.type IN ('table', 'view') AND lower(m.name) = lower(:table)
   AND x.hidden <> 1 AND (:schema = '' OR lower(:schema) = 'main')
 ORDER BY x.cid
