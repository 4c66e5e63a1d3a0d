-- Which rights of those that a run needs this login lacks: right, table,
-- column (NULL: of the whole table), user.
SELECT j.r, j.t, j.c, USER_NAME()
  FROM OPENJSON(:needs)
       WITH (r varchar(16) '$.r', t nvarchar(600) '$.t',
             c nvarchar(128) '$.c') j
 WHERE CASE WHEN j.c IS NULL THEN HAS_PERMS_BY_NAME(j.t, 'OBJECT', j.r)
            ELSE HAS_PERMS_BY_NAME(j.t, 'OBJECT', j.r, j.c, 'COLUMN') END = 0
