-- May we write our own tables?  Changes no row.
UPDATE {item} SET state = state WHERE 1 = 0
