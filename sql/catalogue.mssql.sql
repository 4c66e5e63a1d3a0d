-- The columns of a table: schema, table, column, type, width, precision,
-- scale, nullable, computed, collation.
SELECT c.TABLE_SCHEMA, c.TABLE_NAME, c.COLUMN_NAME, c.DATA_TYPE,
       c.CHARACTER_MAXIMUM_LENGTH, c.NUMERIC_PRECISION, c.NUMERIC_SCALE,
       CASE c.IS_NULLABLE WHEN 'NO' THEN 0 ELSE 1 END,
       COALESCE(COLUMNPROPERTY(OBJECT_ID(QUOTENAME(c.TABLE_SCHEMA) + '.'
                                         + QUOTENAME(c.TABLE_NAME)),
                               c.COLUMN_NAME, 'IsComputed'), 0),
       COALESCE(c.COLLATION_NAME, '')
  FROM INFORMATION_SCHEMA.COLUMNS c
 WHERE LOWER(c.TABLE_NAME) = LOWER(:table)
   AND LOWER(c.TABLE_SCHEMA) = LOWER(CASE WHEN :schema = ''
                                          THEN SCHEMA_NAME() ELSE :schema END)
 ORDER BY c.ORDINAL_POSITION
