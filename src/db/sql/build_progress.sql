-- How far building an index is.
-- Parameters: $1 oid of the table
-- Columns: fraction
-- Shape: F
SELECT CASE WHEN blocks_total > 0 THEN blocks_done::float8 / blocks_total END
  FROM pg_catalog.pg_stat_progress_create_index
 WHERE relid = $1::oid
--: cockroach
SELECT NULL::float8 WHERE $1::text IS NULL
