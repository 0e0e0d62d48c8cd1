-- Indexes that tell every row from every other, the best first.
-- Parameters: $1 oid of the table
-- Columns: name, is the primary key, attribute numbers ("1 3" or "{1,3}"), how many of them are
--          key columns (0: all)
-- Shape: tBtI
SELECT ic.relname, i.indisprimary, i.indkey::text, i.indnkeyatts
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
 WHERE i.indrelid = $1::oid
   AND i.indisunique AND i.indisvalid
   AND (i.indisprimary OR i.indimmediate)
   AND i.indpred IS NULL AND i.indexprs IS NULL
 ORDER BY i.indisprimary DESC, i.indnkeyatts, ic.oid
--: cockroach
SELECT ic.relname, i.indisprimary, i.indkey::text, 0
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
 WHERE i.indrelid = $1::oid AND i.indisprimary
