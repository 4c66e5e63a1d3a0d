-- What hides or changes values on their way.
SELECT 'spoils', 'the column ' + c.name + ' is masked and this login lacks'
       + ' UNMASK: the mask would be read for the value'
  FROM sys.masked_columns c
 WHERE c.object_id = OBJECT_ID(:real)
   AND HAS_PERMS_BY_NAME(NULL, 'DATABASE', 'UNMASK') = 0
UNION ALL
SELECT 'spoils', 'the column ' + c.name + ' is of Always Encrypted: what'
       + ' FreeTDS reads is not its text'
  FROM sys.columns c
 WHERE c.object_id = OBJECT_ID(:real) AND c.encryption_type IS NOT NULL
UNION ALL
SELECT 'spoils', 'row security may hide records from this login'
  FROM sys.security_predicates p
 WHERE p.target_object_id = OBJECT_ID(:real)
