-- Where the vector type is.
-- Columns: quoted schema, whether its name alone finds it, version of the extension
SELECT pg_catalog.quote_ident(n.nspname), pg_catalog.pg_type_is_visible(t.oid), e.extversion
  FROM pg_catalog.pg_extension e
  JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
  JOIN pg_catalog.pg_type t ON t.typnamespace = n.oid AND t.typname = 'vector'
 WHERE e.extname = 'vector'
--: cockroach
SELECT NULL, true, NULL
