-- Which rights of those that a run needs this login lacks: right, table,
-- column (NULL: of the whole table), user.
SELECT n.value->>'r', n.value->>'t', n.value->>'c', current_user
  FROM json_array_elements(CAST(:needs AS json)) n
 WHERE NOT CASE WHEN n.value->>'c' IS NULL
           THEN has_table_privilege(n.value->>'t', n.value->>'r')
           ELSE has_column_privilege(n.value->>'t', n.value->>'c',
                                     n.value->>'r') END
