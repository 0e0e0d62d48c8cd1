-- Vector indexes over a column, alone or in an expression.
-- Parameters: $1 oid of the table, $2 attribute number; on CockroachDB $1 schema, $2 table
-- Columns: schema, name, definition, valid, being built by somebody, method, operator class,
--          predicate, number of key columns, is an expression
-- Shape: tttBBTTTIB
SELECT n.nspname,
       ic.relname,
       pg_catalog.pg_get_indexdef(i.indexrelid),
       i.indisvalid,
       NOT i.indisvalid AND EXISTS (
           SELECT 1 FROM pg_catalog.pg_locks l
            WHERE l.relation = i.indrelid AND l.granted AND l.pid <> pg_catalog.pg_backend_pid()
              AND l.database = (SELECT oid FROM pg_catalog.pg_database
                                 WHERE datname = pg_catalog.current_database())
              AND l.mode = 'ShareUpdateExclusiveLock'
              AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_stat_activity s
                               WHERE s.pid = l.pid AND s.backend_type = 'autovacuum worker')),
       am.amname,
       opc.opcname,
       pg_catalog.pg_get_expr(i.indpred, i.indrelid),
       i.indnkeyatts,
       i.indexprs IS NOT NULL
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = ic.relnamespace
  JOIN pg_catalog.pg_am am ON am.oid = ic.relam
  LEFT JOIN pg_catalog.pg_opclass opc ON opc.oid = i.indclass[0]
 WHERE i.indrelid = $1::oid
   AND am.amname IN ('hnsw', 'ivfflat')
   AND (i.indkey[0] = $2::int2
        OR EXISTS (SELECT 1 FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = i.indexrelid
                      AND d.refclassid = 'pg_catalog.pg_class'::regclass
                      AND d.refobjid = i.indrelid AND d.refobjsubid = $2::int4))
 ORDER BY ic.relname
--: cockroach
SELECT schemaname, indexname, indexdef, true, false, 'cspann', NULL, NULL, NULL, false
  FROM pg_catalog.pg_indexes
 WHERE schemaname = $1::text AND tablename = $2::text AND indexdef LIKE '%USING cspann%'
 ORDER BY indexname
