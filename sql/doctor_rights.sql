-- May we write what we are to write?  Changes no row.
UPDATE {source}
   SET {processed} = {processed}{each values ""}, {column} = {column}{end}
 WHERE 1 = 0
