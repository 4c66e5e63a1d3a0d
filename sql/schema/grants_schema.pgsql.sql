-- Rights on a table are of no use without the right to look into its schema.
GRANT USAGE ON SCHEMA {granted_schema} TO {user};
