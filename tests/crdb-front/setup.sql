-- SPDX-License-Identifier: Apache-2.0
--
-- What the front keeps in the database behind it, in a schema of its own: the facts that
-- PostgreSQL has no place for, and the catalogue as CockroachDB shows it. Run at each start of the
-- front by a superuser; statements may be repeated.

CREATE EXTENSION IF NOT EXISTS vector; -- CockroachDB has the type in every database
CREATE SCHEMA IF NOT EXISTS crdb_front;
GRANT USAGE ON SCHEMA crdb_front TO public;

CREATE SEQUENCE IF NOT EXISTS crdb_front.job_ids START 1;
CREATE TABLE IF NOT EXISTS crdb_front.jobs (
    job_id int8 PRIMARY KEY,
    job_type text NOT NULL,
    description text NOT NULL,
    user_name text NOT NULL,
    status text NOT NULL,
    running_status text,
    created timestamptz NOT NULL,
    started timestamptz,
    finished timestamptz,
    modified timestamptz NOT NULL,
    fraction_completed float8 NOT NULL,
    error text NOT NULL,
    coordinator_id int8
);

-- What hnsw does not know of a vector index: its prefix columns and its parameters.
CREATE TABLE IF NOT EXISTS crdb_front.vector_index (
    oid oid PRIMARY KEY,
    prefix text[] NOT NULL,
    parameters text NOT NULL
);

CREATE TABLE IF NOT EXISTS crdb_front.hidden_column (
    relid oid,
    attname name,
    PRIMARY KEY (relid, attname)
);

-- Tables whose schema is locked or was unlocked; others are as the persona makes new tables.
CREATE TABLE IF NOT EXISTS crdb_front.schema_locked (
    relid oid PRIMARY KEY,
    locked bool NOT NULL
);

-- When columns came: reads of the past do not see younger ones.
CREATE TABLE IF NOT EXISTS crdb_front.born (
    relid oid,
    attnum int2,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (relid, attnum)
);
GRANT SELECT ON ALL TABLES IN SCHEMA crdb_front TO public;

CREATE SEQUENCE IF NOT EXISTS crdb_front.rowids START 1000000000000000001 INCREMENT 32769;
GRANT USAGE ON SEQUENCE crdb_front.rowids TO public;
CREATE OR REPLACE FUNCTION crdb_front.unique_rowid() RETURNS int8 LANGUAGE sql AS
    $$ SELECT nextval('crdb_front.rowids') $$;

CREATE OR REPLACE FUNCTION crdb_front.sha256(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT encode(pg_catalog.sha256(convert_to($1, 'UTF8')), 'hex') $$;
CREATE OR REPLACE FUNCTION crdb_front.sha256(bytea) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT encode(pg_catalog.sha256($1), 'hex') $$;
CREATE OR REPLACE FUNCTION crdb_front.sha512(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT encode(pg_catalog.sha512(convert_to($1, 'UTF8')), 'hex') $$;
CREATE OR REPLACE FUNCTION crdb_front.md5(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT pg_catalog.md5($1) $$;

-- Set by the front when a session begins.
CREATE OR REPLACE FUNCTION crdb_front.version() RETURNS text LANGUAGE sql STABLE AS
    $$ SELECT current_setting('crdb.version') $$;
CREATE OR REPLACE FUNCTION crdb_front.follower_read_timestamp() RETURNS timestamptz LANGUAGE sql STABLE AS
    $$ SELECT statement_timestamp() - interval '4.2 seconds' $$;

-- The dimension of a vector is not in the name of its type.
CREATE OR REPLACE FUNCTION crdb_front.format_type(oid, int4) RETURNS text LANGUAGE sql STABLE AS
    $$ SELECT CASE WHEN t.typname = 'vector' THEN 'vector'
                   ELSE pg_catalog.format_type($1, $2) END
       FROM (SELECT 1) one LEFT JOIN pg_catalog.pg_type t ON t.oid = $1 $$;

CREATE OR REPLACE FUNCTION crdb_front.key_column(rel oid, attnum int2, options int2)
    RETURNS text LANGUAGE sql STABLE AS
    $$ SELECT quote_ident(a.attname) || CASE WHEN options & 1 = 1 THEN ' DESC' ELSE ' ASC' END
       FROM pg_catalog.pg_attribute a WHERE a.attrelid = rel AND a.attnum = $2 $$;

-- An index as CockroachDB writes it down.
CREATE OR REPLACE FUNCTION crdb_front.pg_get_indexdef(index oid) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT 'CREATE ' || CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END || 'INDEX '
        || quote_ident(ic.relname) || ' ON ' || quote_ident(current_database()::text) || '.'
        || quote_ident(n.nspname) || '.' || quote_ident(tc.relname) || ' USING '
        || CASE am.amname WHEN 'hnsw' THEN 'cspann' WHEN 'gin' THEN 'gin' ELSE 'btree' END || ' ('
        || coalesce((SELECT string_agg(quote_ident(p), ', ' ORDER BY ord) || ', '
                     FROM unnest(v.prefix) WITH ORDINALITY AS u(p, ord)), '')
        || CASE WHEN am.amname = 'hnsw'
                THEN (SELECT string_agg(coalesce(quote_ident(a.attname), '(' || pg_catalog.pg_get_indexdef(i.indexrelid, 1, true) || ')')
                                        || ' ' || oc.opcname, ', ')
                      FROM pg_catalog.pg_opclass oc
                      LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
                      WHERE oc.oid = i.indclass[0])
                ELSE (SELECT string_agg(coalesce(
                                 crdb_front.key_column(i.indrelid, i.indkey[k], i.indoption[k]),
                                 pg_catalog.pg_get_indexdef(i.indexrelid, k + 1, true)), ', ' ORDER BY k)
                      FROM generate_series(0, i.indnkeyatts - 1) AS k)
           END || ')'
        || coalesce(' WHERE ' || pg_catalog.pg_get_expr(i.indpred, i.indrelid), '')
    FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
    JOIN pg_catalog.pg_am am ON am.oid = ic.relam
    JOIN pg_catalog.pg_class tc ON tc.oid = i.indrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = tc.relnamespace
    LEFT JOIN crdb_front.vector_index v ON v.oid = i.indexrelid
    WHERE i.indexrelid = $1 $$;

-- Public indexes only; all key columns; no operator classes.
CREATE OR REPLACE VIEW crdb_front.pg_index AS
    SELECT i.indexrelid, i.indrelid,
        (i.indnatts + k.extra)::int2 AS indnatts,
        (i.indnkeyatts + k.extra)::int2 AS indnkeyatts,
        i.indisunique, i.indnullsnotdistinct, i.indisprimary, i.indisexclusion, i.indimmediate,
        i.indisclustered, i.indisvalid, i.indcheckxmin, i.indisready, i.indislive, i.indisreplident,
        (k.prefix || i.indkey::text)::int2vector AS indkey,
        btrim(repeat(' 0', i.indnatts + k.extra))::oidvector AS indcollation,
        btrim(repeat(' 0', i.indnatts + k.extra))::oidvector AS indclass,
        (repeat('2 ', k.extra) || i.indoption::text)::int2vector AS indoption,
        pg_catalog.pg_get_expr(i.indexprs, i.indrelid) AS indexprs,
        pg_catalog.pg_get_expr(i.indpred, i.indrelid) AS indpred
    FROM pg_catalog.pg_index i
    CROSS JOIN LATERAL (
        SELECT coalesce(string_agg(a.attnum || ' ', '' ORDER BY p.ord), '') AS prefix,
               count(a.attnum)::int AS extra
        FROM crdb_front.vector_index v
        CROSS JOIN LATERAL unnest(v.prefix) WITH ORDINALITY AS p(name, ord)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attname = p.name
        WHERE v.oid = i.indexrelid) k
    WHERE i.indisvalid;

CREATE OR REPLACE VIEW crdb_front.pg_indexes AS
    SELECT ic.oid AS crdb_oid, n.nspname AS schemaname, tc.relname AS tablename,
        ic.relname AS indexname, NULL::name AS tablespace,
        crdb_front.pg_get_indexdef(ic.oid) AS indexdef
    FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
    JOIN pg_catalog.pg_class tc ON tc.oid = i.indrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = tc.relnamespace
    WHERE i.indisvalid AND n.nspname NOT IN ('pg_toast', 'crdb_front');

CREATE OR REPLACE VIEW crdb_front.pg_opclass AS
    SELECT oid, opcmethod, opcname, opcnamespace, opcowner, opcfamily, opcintype, opcdefault, opckeytype
    FROM pg_catalog.pg_opclass WHERE false;
CREATE OR REPLACE VIEW crdb_front.pg_extension AS
    SELECT oid, extname, extowner, extnamespace, extrelocatable, extversion
    FROM pg_catalog.pg_extension WHERE false;
CREATE OR REPLACE VIEW crdb_front.pg_am AS
    SELECT 2631952481::oid AS oid, 'prefix'::name AS amname, 0::oid AS amhandler, 'i'::"char" AS amtype
    UNION ALL SELECT 4004609370::oid, 'inverted'::name, 0::oid, 'i'::"char";
CREATE OR REPLACE VIEW crdb_front.pg_class AS
    SELECT oid, relname, relnamespace, reltype, reloftype, relowner,
        CASE WHEN relkind = 'i' THEN 2631952481::oid ELSE 0::oid END AS relam,
        relfilenode, reltablespace, NULL::int4 AS relpages, NULL::float4 AS reltuples, relallvisible, reltoastrelid, relhasindex,
        relisshared, relpersistence, relispartition, relkind, relnatts, relchecks, relhasrules,
        relhastriggers, relhassubclass, relrowsecurity, relforcerowsecurity, relispopulated,
        relreplident, relrewrite, relfrozenxid, relminmxid, relacl, reloptions
    FROM pg_catalog.pg_class
    WHERE relkind <> 'i' OR EXISTS (
        SELECT FROM pg_catalog.pg_index i WHERE i.indexrelid = pg_class.oid AND i.indisvalid);
CREATE OR REPLACE VIEW crdb_front.pg_attribute AS
    SELECT a.attrelid, a.attname, a.atttypid, a.attlen, a.attnum, a.attcacheoff, a.atttypmod,
        a.attndims, a.attbyval, a.attalign, a.attstorage, a.attcompression, a.attnotnull,
        a.atthasdef, a.atthasmissing, a.attidentity, a.attgenerated, a.attisdropped, a.attislocal,
        a.attinhcount, a.attcollation, a.attacl, a.attoptions, a.attfdwoptions,
        EXISTS (SELECT FROM crdb_front.hidden_column h
                WHERE h.relid = a.attrelid AND h.attname = a.attname) AS attishidden
    FROM pg_catalog.pg_attribute a WHERE a.attnum > 0;
CREATE OR REPLACE VIEW crdb_front.columns AS
    SELECT c.table_catalog::text, c.table_schema::text, c.table_name::text, c.column_name::text,
        c.ordinal_position::int8, c.column_default::text, c.is_nullable::text,
        CASE WHEN c.udt_name = 'vector' THEN 'vector' ELSE c.data_type::text END AS data_type,
        c.character_maximum_length::int8, c.numeric_precision::int8, c.numeric_scale::int8,
        c.udt_catalog::text, c.udt_schema::text, c.udt_name::text,
        c.is_generated::text, c.generation_expression::text,
        upper(pg_catalog.format_type(a.atttypid, a.atttypmod)) AS crdb_sql_type,
        CASE WHEN a.attishidden THEN 'YES' ELSE 'NO' END AS is_hidden
    FROM information_schema.columns c
    JOIN crdb_front.pg_attribute a
      ON a.attrelid = format('%I.%I', c.table_schema, c.table_name)::regclass
     AND a.attname = c.column_name;
GRANT SELECT ON ALL TABLES IN SCHEMA crdb_front TO public;

-- Relations that are there and always empty.
CREATE OR REPLACE VIEW crdb_front.pg_locks AS SELECT * FROM pg_catalog.pg_locks WHERE false;
CREATE OR REPLACE VIEW crdb_front.pg_inherits AS SELECT * FROM pg_catalog.pg_inherits WHERE false;
CREATE OR REPLACE VIEW crdb_front.pg_partitioned_table AS
    SELECT * FROM pg_catalog.pg_partitioned_table WHERE false;
CREATE OR REPLACE VIEW crdb_front.pg_stat_progress_create_index AS
    SELECT * FROM pg_catalog.pg_stat_progress_create_index WHERE false;
CREATE OR REPLACE VIEW crdb_front.pg_stat_user_tables AS
    SELECT * FROM pg_catalog.pg_stat_user_tables WHERE false;
CREATE OR REPLACE VIEW crdb_front.pg_stat_activity AS
    SELECT * FROM pg_catalog.pg_stat_activity WHERE false;
GRANT SELECT ON ALL TABLES IN SCHEMA crdb_front TO public;

-- SHOW RANGES: admins only. One range a table, as small tables have.
CREATE OR REPLACE FUNCTION crdb_front.ranges(relation regclass)
    RETURNS TABLE (range_id int8, bytes int8, live int8) LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN
        RAISE EXCEPTION 'only users with the ZONECONFIG privilege or the admin role can use SHOW RANGES on %',
            relation::text USING ERRCODE = '42501';
    END IF;
    RETURN QUERY SELECT relation::oid::int8, pg_catalog.pg_relation_size(relation),
        greatest(c.reltuples, 0)::int8 FROM pg_catalog.pg_class c WHERE c.oid = relation;
END $$;
