-- Whether a relation of that name is in a schema.
-- Parameters: $1 schema, $2 name; on CockroachDB $3 table: index names are a table's own
-- Columns: one row when it is taken
-- Shape: i
SELECT 1
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = $1::text AND c.relname = $2::text AND $3::text IS NOT NULL
--: cockroach
SELECT 1
  FROM pg_catalog.pg_indexes
 WHERE schemaname = $1::text AND indexname = $2::text AND tablename = $3::text
