-- Columns whose comment may hold a stamp.
-- Parameters: $1 the mark of a stamp
-- Columns: schema, table, column, comment
-- Shape: tttT
SELECT n.nspname, c.relname, a.attname, d.description
  FROM pg_catalog.pg_description d
  JOIN pg_catalog.pg_class c ON c.oid = d.objoid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid
 WHERE d.classoid = 'pg_catalog.pg_class'::regclass
   AND d.objsubid > 0
   AND strpos(d.description, $1::text) > 0
   AND NOT a.attisdropped
 ORDER BY n.nspname, c.relname, a.attname
