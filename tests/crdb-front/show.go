// SPDX-License-Identifier: Apache-2.0

// SHOW: each becomes a query with CockroachDB's columns, so that it can stand in [brackets] too.

package main

import (
	"fmt"
	"strings"

	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/sem/tree"
)

// show gives the query for a SHOW, "" for what goes to the server behind as it is.
func (st *statement) show(ast tree.Statement) (string, *sqlError) {
	switch n := ast.(type) {
	case *tree.ShowVar:
		return st.showVar(n)
	case *tree.ShowClusterSetting:
		return st.showClusterSetting(n)
	case *tree.ShowJobs:
		return st.showJobs(n)
	case *tree.ShowCreate:
		return st.showCreate(n)
	case *tree.ShowIndexes:
		return st.showTable(n.Table, showIndexesSQL)
	case *tree.ShowColumns:
		return st.showTable(n.Table, showColumnsSQL)
	case *tree.ShowTriggers:
		return st.showTable(n.Table, showTriggersSQL)
	case *tree.ShowTableStats:
		return st.showTable(n.Table, showStatisticsSQL)
	case *tree.ShowTables:
		return showTablesSQL, nil
	case *tree.ShowRanges:
		return st.showRanges(n)
	case *tree.ShowDatabases:
		return `SELECT datname::text AS database_name, pg_catalog.pg_get_userbyid(datdba)::text AS owner,
			NULL::text AS primary_region FROM pg_catalog.pg_database WHERE NOT datistemplate`, nil
	case *tree.ShowTransactionStatus:
		return "SELECT 'NoTxn' AS " + quoteName("TRANSACTION STATUS"), nil
	}
	if strings.HasPrefix(ast.StatementTag(), "SHOW") {
		return "", unimplemented(0, "%s in the front", ast.StatementTag())
	}
	return "", nil
}

const jobColumns = `job_id, job_type, description, user_name, status, running_status, created, started,
	finished, modified, fraction_completed, error, coordinator_id`

// showJobs sees the user's own jobs, an admin all.
func (st *statement) showJobs(n *tree.ShowJobs) (string, *sqlError) {
	sql := "SELECT " + jobColumns + ` FROM crdb_front.jobs
		WHERE (user_name = current_user
		       OR (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user))`
	if n.Jobs != nil {
		sql += " AND job_id IN (" + pgValues(n.Jobs) + ")"
	}
	if n.Block {
		st.checks = append(st.checks, st.waitForJobs)
	}
	if n.Schedules != nil || n.Automatic {
		sql += " AND false"
	}
	return sql, nil
}

// pgValues writes the job numbers of SHOW JOB.
func pgValues(sel *tree.Select) string { return tree.AsString(sel) }

// waitForJobs is WHEN COMPLETE, for all that run.
func (st *statement) waitForJobs() *sqlError {
	j := st.session.front.jobs
	j.mu.Lock()
	var live []*job
	for _, one := range j.live {
		live = append(live, one)
	}
	j.mu.Unlock()
	for _, one := range live {
		select {
		case <-one.done:
		case <-st.session.cancelled:
			return refuse("57014", "query execution canceled")
		}
	}
	return nil
}

// controlJobs is CANCEL JOB; PAUSE and RESUME are not here.
func (st *statement) controlJobs(n *tree.ControlJobs) *sqlError {
	if n.Command != tree.CancelJob {
		return unimplemented(0, "%s in the front", st.tag)
	}
	var id int64
	if _, err := fmt.Sscan(strings.Trim(tree.AsString(n.Jobs), "VALUES ()"), &id); err != nil {
		return unimplemented(0, "CANCEL JOBS of a query in the front")
	}
	st.text = nothing
	st.checks = append(st.checks, func() *sqlError {
		j := st.session.front.jobs
		j.mu.Lock()
		one := j.live[id]
		j.mu.Unlock()
		if one == nil {
			return refuse("42704", "job with ID %d does not exist", id)
		}
		one.cancel()
		return nil
	})
	return nil
}

// showTable fills a table into a query: %[1]s its oid, %[2]s its name as a literal.
func (st *statement) showTable(name *tree.UnresolvedObjectName, query string) (string, *sqlError) {
	tn := name.ToTableName()
	t, e := st.mustLookup(&tn)
	if e != nil {
		return "", e
	}
	return fmt.Sprintf(query, fmt.Sprint(t.oid), quoteLiteral(t.name)), nil
}

const showIndexesSQL = `
SELECT %[2]s::text AS table_name, ic.relname::text AS index_name, NOT i.indisunique AS non_unique,
       k.seq::int8 AS seq_in_index, k.name AS column_name, k.name AS definition,
       CASE WHEN k.is_vector OR k.seq = 0 THEN 'N/A' ELSE 'ASC' END AS direction,
       false AS storing, false AS implicit, true AS visible, 1::float8 AS visibility
FROM crdb_front.pg_index i
JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
CROSS JOIN LATERAL (
    SELECT u.ord AS seq, a.attname::text AS name, t.typname = 'vector' AS is_vector
    FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS u(num, ord)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.num
    JOIN pg_catalog.pg_type t ON t.oid = a.atttypid) k
WHERE i.indrelid = %[1]s ORDER BY index_name, seq_in_index`

const showColumnsSQL = `
SELECT a.attname::text AS column_name, upper(pg_catalog.format_type(a.atttypid, a.atttypmod)) AS data_type,
       NOT a.attnotnull AS is_nullable, pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS column_default,
       CASE WHEN a.attgenerated <> '' THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) ELSE '' END
           AS generation_expression,
       ARRAY(SELECT ic.relname::text FROM crdb_front.pg_index i
             JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
             WHERE i.indrelid = a.attrelid AND a.attnum = ANY (i.indkey)) AS indices,
       a.attishidden AS is_hidden
FROM crdb_front.pg_attribute a
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = %[1]s AND NOT a.attisdropped ORDER BY a.attnum`

const showTriggersSQL = `
SELECT tgname::text AS trigger_name, true AS enabled FROM pg_catalog.pg_trigger
WHERE tgrelid = %[1]s AND NOT tgisinternal ORDER BY tgname`

const showStatisticsSQL = `
SELECT '__auto__' AS statistics_name, ARRAY[s.attname::text] AS column_names,
       statement_timestamp() AS created, greatest(c.reltuples, 0)::int8 AS row_count,
       0::int8 AS distinct_count,
       (greatest(c.reltuples, 0) * s.null_frac)::int8 AS null_count, s.avg_width::int8 AS avg_size,
       NULL::text AS partial_predicate, NULL::int8 AS histogram_id, NULL::int8 AS full_histogram_id
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname
WHERE c.oid = %[1]s`

const showTablesSQL = `
SELECT n.nspname::text AS schema_name, c.relname::text AS table_name, 'table' AS type,
       pg_catalog.pg_get_userbyid(c.relowner)::text AS owner,
       greatest(c.reltuples, 0)::int8 AS estimated_row_count, NULL::text AS locality
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'crdb_front')
ORDER BY 1, 2`

func (st *statement) showRanges(n *tree.ShowRanges) (string, *sqlError) {
	relation := ""
	t := (*table)(nil)
	if n.TableOrIndex.Table.Table() != "" {
		var e *sqlError
		if t, e = st.mustLookup(&n.TableOrIndex.Table); e != nil {
			return "", e
		}
		relation = fmt.Sprint(t.oid)
	}
	if name := string(n.TableOrIndex.Index); name != "" && t != nil {
		x := t.index(name)
		if x == nil {
			return "", refuse("42704", "index %q does not exist", name)
		}
		relation = fmt.Sprint(x.oid)
	}
	if relation == "" {
		return "", unimplemented(0, "SHOW RANGES of a database in the front")
	}
	columns := "'…/<TableMin>' AS start_key, '…/<TableMax>' AS end_key, range_id"
	if n.Options != nil && n.Options.Mode != 0 {
		columns += ", " + quoteLiteral(st.session.database) + " AS database_name, 'public' AS schema_name, " +
			quoteLiteral(t.name) + " AS table_name, range_id::int8 AS table_id"
	}
	if n.Options != nil && n.Options.Details {
		columns += `, round(bytes / 1048576.0, 6)::numeric AS range_size_mb, 1::int8 AS lease_holder,
			'' AS lease_holder_locality`
	}
	columns += ", ARRAY[1]::int8[] AS replicas, ARRAY['']::text[] AS replica_localities"
	if n.Options != nil && n.Options.Details {
		columns += `, bytes AS range_size, jsonb_build_object('approximate_disk_bytes', bytes,
			'live_bytes', bytes, 'live_count', live, 'key_bytes', 0, 'key_count', live,
			'val_bytes', bytes, 'val_count', live) AS span_stats`
	}
	return "SELECT " + columns + " FROM crdb_front.ranges(" + relation + "::regclass)", nil
}

func (st *statement) showCreate(n *tree.ShowCreate) (string, *sqlError) {
	if n.Mode != tree.ShowCreateModeTable {
		return "", unimplemented(0, "SHOW CREATE of this in the front")
	}
	tn := n.Name.ToTableName()
	t, e := st.mustLookup(&tn)
	if e != nil {
		return "", e
	}
	return fmt.Sprintf("SELECT %s AS table_name, %s AS create_statement", quoteLiteral(t.name),
		quoteLiteral(t.definition(st.session.front.persona))), nil
}

// definition is the table as SHOW CREATE TABLE writes it; defaults are left out.
func (t *table) definition(p *persona) string {
	var lines []string
	for _, c := range t.columns {
		null := "NULL"
		if c.notNull {
			null = "NOT NULL"
		}
		hidden := ""
		if c.hidden {
			hidden = "NOT VISIBLE "
		}
		lines = append(lines, fmt.Sprintf("%s %s %s%s", quoteIfNeeded(c.name), strings.ToUpper(c.typ), hidden, null))
	}
	for _, x := range t.indexes {
		switch {
		case x.primary:
			lines = append(lines, fmt.Sprintf("CONSTRAINT %s PRIMARY KEY (%s)", quoteIfNeeded(x.name), ascending(x.keys)))
		case x.vector:
			columns := ascending(x.prefix)
			if columns != "" {
				columns += ", "
			}
			line := fmt.Sprintf("VECTOR INDEX %s (%s%s %s)", quoteIfNeeded(x.name), columns, quoteIfNeeded(x.column), x.opclass)
			if x.predicate != "" {
				line += " WHERE " + strings.Trim(x.predicate, "()")
			}
			lines = append(lines, line)
		default:
			lines = append(lines, fmt.Sprintf("INDEX %s (%s)", quoteIfNeeded(x.name), ascending(x.keys)))
		}
	}
	text := fmt.Sprintf("CREATE TABLE %s.%s (\n\t%s\n)", quoteIfNeeded(t.schema), quoteIfNeeded(t.name), strings.Join(lines, ",\n\t"))
	if p.schemaLocked {
		text += " WITH (schema_locked = true)"
	}
	return text + ";"
}

func ascending(names []string) string {
	var list []string
	for _, name := range names {
		list = append(list, quoteIfNeeded(name)+" ASC")
	}
	return strings.Join(list, ", ")
}

func quoteIfNeeded(name string) string {
	n := tree.Name(name)
	return n.String()
}
