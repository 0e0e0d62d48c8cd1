-- Where the vector type is, in PostgreSQL.
-- Columns: quoted schema, whether its name alone finds it, version of the extension, oid of the
--          type where there are arrays of it
-- Shape: TBTI
SELECT pg_catalog.quote_ident(n.nspname), pg_catalog.pg_type_is_visible(t.oid), e.extversion,
       t.oid
  FROM pg_catalog.pg_extension e
  JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
  JOIN pg_catalog.pg_type t ON t.typnamespace = n.oid AND t.typname = 'vector'
 WHERE e.extname = 'vector'
