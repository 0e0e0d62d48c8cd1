-- All columns of a table, in table order.
-- Parameters: $1 oid of the table
-- Columns: attnum, name, type (as a cast takes it), typname (a domain's: of its base), category,
--          typmod, not null, generated, has an array type, comment
-- Shape: itttTIBBBT
SELECT a.attnum,
       a.attname,
       CASE WHEN t.typtype = 'e' THEN pg_catalog.quote_ident(tn.nspname) || '.' || pg_catalog.quote_ident(t.typname)
            ELSE pg_catalog.format_type(a.atttypid, a.atttypmod) END,
       coalesce(b.typname, t.typname),
       t.typcategory,
       a.atttypmod,
       a.attnotnull,
       a.attgenerated <> '',
       t.typarray <> 0,
       pg_catalog.col_description(a.attrelid, a.attnum)
  FROM pg_catalog.pg_attribute a
  JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
  JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace
  LEFT JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype AND t.typtype = 'd'
 WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY a.attnum
