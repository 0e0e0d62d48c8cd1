-- Relations of a name in any schema; those in the search path first, in its order.
-- Parameters: $1 name as the server folds it, $2 name as typed, $3 schema as the server folds
--             it or NULL, $4 schema as typed or NULL
-- Columns: oid, schema, name, relkind, estimated rows, place in the search path or NULL
-- Shape: itttII
SELECT c.oid,
       n.nspname,
       c.relname,
       c.relkind,
       c.reltuples::int8,
       pg_catalog.array_position(pg_catalog.current_schemas(true)::text[], n.nspname::text) AS place
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relname IN ($1::text, $2::text)
   AND ($3::text IS NULL OR n.nspname IN ($3::text, $4::text))
   AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
 ORDER BY place, n.nspname
