// SPDX-License-Identifier: Apache-2.0

// CREATE INDEX and DROP INDEX. A vector index is an hnsw index on the server behind; what hnsw
// has no place for (prefix columns, partition sizes) is kept in the front's own schema.

package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/lexbase"
	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/sem/idxtype"
	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/sem/tree"
	"github.com/jackc/pgx/v5"
)

func (st *statement) createIndex(n *tree.CreateIndex) *sqlError {
	if n.Type == idxtype.VECTOR {
		st.change = func() (*plan, *sqlError) { return st.planVectorIndex(n) }
		return nil
	}
	st.change = func() (*plan, *sqlError) { return st.planIndex(n) }
	return nil
}

// planIndex is for every index but a vector index.
func (st *statement) planIndex(n *tree.CreateIndex) (*plan, *sqlError) {
	t, e := st.mustLookup(&n.Table)
	if e != nil {
		return nil, e
	}
	if e := st.session.checkLocked(t); e != nil {
		return nil, e
	}
	for _, c := range n.Columns {
		if col := t.column(string(c.Column)); col != nil && col.vector {
			e := refuse("0A000", "column %s has type vector, which is not indexable in a non-vector index", col.name)
			e.hint = "you may want to create a vector index instead"
			return nil, e
		}
	}
	if exists, e := indexExists(t, n); exists || e != nil {
		return emptyPlan(t, n), e
	}
	list := tokens(st.sql)
	var ed edits
	for i := range list {
		if list[i].depth == 0 && (list[i].is("storing") || list[i].is("covering")) {
			ed.replace(list[i].start, list[i].end, "INCLUDE")
		}
	}
	return &plan{
		description: tree.AsString(n), table: t.qualified(), sql: []string{ed.apply(st.sql)},
	}, nil
}

// indexExists looks at the name only, as CockroachDB does.
func indexExists(t *table, n *tree.CreateIndex) (bool, *sqlError) {
	if n.Name == "" || t.index(string(n.Name)) == nil {
		return false, nil
	}
	if n.IfNotExists {
		return true, nil
	}
	return false, refuse("42P07", "index with name %q already exists", string(n.Name))
}

func emptyPlan(t *table, n tree.Statement) *plan {
	return &plan{description: tree.AsString(n), table: t.qualified()}
}

func (st *statement) planVectorIndex(n *tree.CreateIndex) (*plan, *sqlError) {
	s := st.session
	if !s.front.vectorIndexes.Load() {
		return nil, refuse("0A000", "vector indexes are not enabled; enable with the %s cluster setting", gate)
	}
	t, e := st.mustLookup(&n.Table)
	if e != nil {
		return nil, e
	}
	if e := s.checkLocked(t); e != nil {
		return nil, e
	}
	col, e := checkVectorIndex(t, n)
	if e != nil {
		return nil, e
	}
	opclass, e := s.front.persona.checkOpclass(string(n.Columns[len(n.Columns)-1].OpClass))
	if e != nil {
		return nil, e
	}
	parameters, e := checkStorage(n.StorageParams)
	if e != nil {
		return nil, e
	}
	if e := st.warnWriters(); e != nil {
		return nil, e
	}
	if exists, e := indexExists(t, n); exists || e != nil {
		return emptyPlan(t, n), e
	}
	return st.vectorPlan(n, t, col, opclass, parameters), nil
}

// warnWriters is the guard of versions that block writers.
func (st *statement) warnWriters() *sqlError {
	s := st.session
	const text = "CREATE VECTOR INDEX will disable writes to the table while the index is being built"
	if !s.front.persona.buildBlocksWrites || st.warned {
		return nil
	}
	st.warned = true
	if s.settings.safeUpdates {
		return refuse("01000", "rejected (sql_safe_updates = true): %s", text)
	}
	s.client.send(notice("00000", text))
	return nil
}

func checkVectorIndex(t *table, n *tree.CreateIndex) (*column, *sqlError) {
	if n.Unique {
		return nil, refuse("0A000", "vector indexes can't be unique")
	}
	if len(n.Storing) > 0 {
		return nil, refuse("0A000", "vector indexes don't support stored columns")
	}
	var last *column
	for i, x := range n.Columns {
		col := t.column(string(x.Column))
		if col == nil {
			return nil, refuse("42703", "column %q does not exist", string(x.Column))
		}
		isLast := i == len(n.Columns)-1
		switch {
		case isLast && !col.vector:
			return nil, refuse("0A000", "column %s has type %s, which is not allowed as the last column in a vector index", col.name, col.typ)
		case !isLast && col.vector:
			return nil, refuse("0A000", "column %s has type vector, which is only allowed as the last column in a vector index", col.name)
		case isLast && x.Direction == tree.Descending:
			return nil, refuse("0A000", "the last column in a vector index cannot have the DESC option")
		case isLast && col.dim < 1:
			return nil, refuse("0A000", "vector column %s does not have a fixed number of dimensions, so it cannot be indexed", col.name)
		}
		last = col
	}
	return last, nil
}

func (p *persona) checkOpclass(name string) (string, *sqlError) {
	switch {
	case name == "", name == "vector_l2_ops":
		return "vector_l2_ops", nil
	case !p.onlyL2 && (name == "vector_cosine_ops" || name == "vector_ip_ops"):
		return name, nil
	case name == "vector_l1_ops":
		return "", unimplemented(147839, "operator class %q is not supported", name)
	}
	return "", refuse("42704", "operator class %q does not exist", name)
}

// checkStorage holds partition sizes against their ranges.
func checkStorage(params tree.StorageParams) (string, *sqlError) {
	limits := map[string][2]int{
		"min_partition_size": {1, 1024}, "max_partition_size": {4, 4096}, "build_beam_size": {1, 512},
	}
	values := map[string]int{"min_partition_size": 16, "max_partition_size": 128}
	var text []string
	for _, p := range params {
		limit, known := limits[p.Key]
		if !known {
			return "", refuse("22023", "invalid storage parameter %q", p.Key)
		}
		n, err := strconv.Atoi(tree.AsString(p.Value))
		if err != nil || n < limit[0] || n > limit[1] {
			return "", refuse("22023", "%q value must be between %d and %d inclusive", p.Key, limit[0], limit[1])
		}
		values[p.Key] = n
		text = append(text, fmt.Sprintf("%s=%d", p.Key, n))
	}
	if low, high := values["min_partition_size"], values["max_partition_size"]; high < 4*low {
		return "", refuse("22023", "max_partition_size (%d) must be at least four times the value of min_partition_size (%d)", high, low)
	}
	return strings.Join(text, ", "), nil
}

// vectorPlan is what the server behind and the front's schema get.
func (st *statement) vectorPlan(n *tree.CreateIndex, t *table, col *column, opclass, parameters string) *plan {
	name := string(n.Name)
	var prefix, all []string
	for _, x := range n.Columns[:len(n.Columns)-1] {
		prefix = append(prefix, string(x.Column))
	}
	if name == "" {
		all = append(append(append(all, t.name), prefix...), col.name, "idx")
		name = strings.Join(all, "_")
	}
	concurrently := "CONCURRENTLY "
	if st.session.front.persona.buildBlocksWrites || t.partitioned {
		concurrently = "" // the front keeps writers away meanwhile
	}
	where := ""
	if n.Predicate != nil {
		list := tokens(st.sql)
		if i := find(list, 0, 0, "where"); i >= 0 {
			where = " " + st.sql[list[i].start:list[endOfPredicate(list, i)].end]
		}
	}
	full := quoteName(t.schema) + "." + quoteName(name)
	return &plan{
		description: tree.AsStringWithFlags(n, tree.FmtSimple),
		table:       t.qualified(),
		builds:      &buildTarget{t.oid, col.name},
		sql: []string{fmt.Sprintf("CREATE INDEX %s%s ON %s USING hnsw (%s %s)%s", concurrently,
			quoteName(name), t.qualified(), quoteName(col.name), opclass, where)},
		unwind: "DROP INDEX IF EXISTS " + full,
		record: func(ctx context.Context, conn *pgx.Conn) error {
			_, err := conn.Exec(ctx, `INSERT INTO crdb_front.vector_index VALUES ($1::text::regclass, $2, $3)
				ON CONFLICT (oid) DO UPDATE SET prefix = $2, parameters = $3`,
				full, append([]string{}, prefix...), parameters)
			return err
		},
	}
}

// endOfPredicate leaves out VISIBLE and its like.
func endOfPredicate(list []token, i int) int {
	end := len(list) - 1
	for k := i; k < len(list); k++ {
		if list[k].depth == 0 && (list[k].is("visible") || list[k].is("invisible") || list[k].is("not") && at(list, k+1, "visible")) {
			return k - 1
		}
	}
	if list[end].id == ';' || list[end].id == lexbase.ERROR {
		end--
	}
	return end
}

func (st *statement) dropIndex(n *tree.DropIndex) *sqlError {
	if len(n.IndexList) != 1 {
		return unimplemented(0, "DROP INDEX of several indexes in the front")
	}
	st.change = func() (*plan, *sqlError) { return st.planDropIndex(n) }
	return nil
}

func (st *statement) planDropIndex(n *tree.DropIndex) (*plan, *sqlError) {
	target := n.IndexList[0]
	name := string(target.Index)
	missing := refuse("42704", "index %q does not exist", name)
	empty := &plan{description: tree.AsString(n)}
	if target.Table.Table() == "" {
		schemas := st.session.path
		if target.Table.ExplicitSchema {
			schemas = []string{string(target.Table.SchemaName)}
		}
		return st.planDropByName(n, name, schemas, empty, missing)
	}
	t, e := st.lookup(&target.Table)
	if e != nil {
		return nil, e
	}
	if t == nil || t.index(name) == nil {
		if n.IfExists {
			return empty, nil
		}
		return nil, missing
	}
	if e := st.session.checkLocked(t); e != nil {
		return nil, e
	}
	return dropPlan(n, t.schema, name, t.qualified()), nil
}

func dropPlan(n *tree.DropIndex, schema, name, table string) *plan {
	sql := fmt.Sprintf("DROP INDEX %s.%s", quoteName(schema), quoteName(name))
	if n.DropBehavior == tree.DropCascade {
		sql += " CASCADE"
	}
	return &plan{description: tree.AsString(n), table: table, sql: []string{sql}}
}

// planDropByName is DROP INDEX without a table, as PostgreSQL writes it.
func (st *statement) planDropByName(n *tree.DropIndex, name string, schemas []string, empty *plan, missing *sqlError) (*plan, *sqlError) {
	schema := ""
	err := st.session.catalog.use(func(ctx context.Context, conn *pgx.Conn) error {
		return conn.QueryRow(ctx, `SELECT schemaname FROM pg_catalog.pg_indexes
			WHERE indexname = $1 AND schemaname = ANY ($2::text[]) LIMIT 1`, name, schemas).Scan(&schema)
	})
	switch {
	case err == pgx.ErrNoRows && n.IfExists:
		return empty, nil
	case err == pgx.ErrNoRows:
		return nil, missing
	case err != nil:
		return nil, refuse("XX000", "front: %v", err)
	}
	return dropPlan(n, schema, name, schema), nil
}
