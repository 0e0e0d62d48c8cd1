-- Names of the user's tables, for a hint.
-- Columns: name
-- Shape: t
SELECT c.relname
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p')
   AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_extension', 'crdb_internal', 'pg_toast')
 ORDER BY c.relname
 LIMIT 2000
