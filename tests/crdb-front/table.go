// SPDX-License-Identifier: Apache-2.0

// CREATE TABLE and ALTER TABLE: tables with the hidden columns that CockroachDB gives them.

package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/sem/idxtype"
	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/sem/tree"
	"github.com/jackc/pgx/v5"
)

// Names of types that PostgreSQL calls otherwise, where a type may stand.
var typeNames = map[string]string{
	"string": "TEXT", "bytes": "BYTEA", "int": "INT8", "integer": "INT8", "int64": "INT8",
}

func editTypes(list []token, e *edits) {
	for i := 1; i < len(list); i++ {
		if to, ok := typeNames[list[i].word]; ok && !list[i].quoted && list[i-1].isName() && !at(list, i+1, ".") {
			e.replace(list[i].start, list[i].end, to)
		}
	}
}

func (st *statement) createTable(n *tree.CreateTable) *sqlError {
	list := tokens(st.sql)
	var e edits
	editTypes(list, &e)
	editNames(list, &e)
	shape, err := shapeOf(n)
	if err != nil {
		return err
	}
	if shape.regional {
		st.session.catalog.exec(`DO $$ BEGIN
			CREATE TYPE public.crdb_internal_region AS ENUM ('europe-west1', 'us-east1', 'us-west1');
		EXCEPTION WHEN duplicate_object THEN NULL; END $$`)
	}
	if n.AsSource == nil {
		shape.edit(list, &e)
	}
	st.text = e.apply(st.sql)
	st.done = func() { st.session.tableMade(n, shape) }
	return nil
}

// shape is what a table gets beyond what its definition says.
type shape struct {
	shard    []string // columns of a hash-sharded key
	regional bool
	rowid    bool
	hidden   []string
}

func shapeOf(n *tree.CreateTable) (*shape, *sqlError) {
	s := &shape{rowid: n.AsSource == nil}
	for _, def := range n.Defs {
		switch d := def.(type) {
		case *tree.ColumnTableDef:
			if d.PrimaryKey.IsPrimaryKey {
				s.rowid = false
			}
			if d.PrimaryKey.Sharded {
				s.shard = []string{string(d.Name)}
			}
		case *tree.UniqueConstraintTableDef:
			if !d.PrimaryKey {
				continue
			}
			s.rowid = false
			if d.Sharded != nil {
				for _, c := range d.Columns {
					s.shard = append(s.shard, string(c.Column))
				}
			}
		case *tree.IndexTableDef:
			if d.Type == idxtype.VECTOR {
				return nil, unimplemented(0, "a vector index within CREATE TABLE in the front")
			}
			return nil, unimplemented(0, "an index within CREATE TABLE in the front")
		}
	}
	s.regional = n.Locality != nil && n.Locality.LocalityLevel == tree.LocalityLevelRow
	if s.rowid {
		s.hidden = append(s.hidden, "rowid")
	}
	if s.shard != nil {
		s.hidden = append(s.hidden, s.shardName())
	}
	if s.regional {
		s.hidden = append(s.hidden, "crdb_region")
	}
	return s, nil
}

const shards = 16

func (s *shape) shardName() string {
	return fmt.Sprintf("crdb_internal_%s_shard_%d", strings.Join(s.shard, "_"), shards)
}

// edit takes USING HASH and LOCALITY away and writes the hidden columns out.
func (s *shape) edit(list []token, e *edits) {
	open := 0
	for open < len(list) && list[open].id != '(' {
		open++
	}
	if open == len(list) {
		return
	}
	end := closing(list, open)
	for i := open; i < end; i++ {
		if at(list, i, "using", "hash") {
			last := i + 1
			if at(list, i+2, "with", "(") || at(list, i+2, "with") {
				last = closing(list, i+3)
			}
			e.remove(list[i], list[last])
		}
	}
	if i := find(list, end, 0, "locality"); i > 0 {
		e.remove(list[i], list[len(list)-1])
	}
	if i := find(list, end, 0, "with", "("); i > 0 { // schema_locked and its like
		e.remove(list[i], list[closing(list, i+1)])
	}
	s.editKey(list, open, end, e)
	for _, def := range s.definitions() {
		e.insert(list[end].start, ", "+def)
	}
}

// editKey puts the hidden columns before the key's own.
func (s *shape) editKey(list []token, open, end int, e *edits) {
	var lead string
	if s.regional {
		lead += "crdb_region, "
	}
	if s.shard != nil {
		lead += quoteName(s.shardName()) + ", "
	}
	if lead == "" {
		return
	}
	for i := open; i < end; i++ {
		if !at(list, i, "primary", "key") {
			continue
		}
		if at(list, i+2, "(") {
			e.insert(list[i+2].end, lead)
			return
		}
		// A key of one column: its definition begins after the last comma, or the parenthesis.
		first := i
		for first > open && !(list[first-1].depth == list[i].depth && list[first-1].id == ',') && first-1 != open {
			first--
		}
		e.replace(list[i].start, list[i+1].end, "NOT NULL")
		e.insert(list[end].start, ", PRIMARY KEY ("+lead+quoteName(list[first].word)+")")
		return
	}
	if s.rowid {
		e.insert(list[end].start, ", PRIMARY KEY ("+lead+"rowid)")
	}
}

func (s *shape) definitions() []string {
	var list []string
	if s.rowid {
		key := " PRIMARY KEY"
		if s.regional {
			key = ""
		}
		list = append(list, "rowid INT8 NOT NULL DEFAULT crdb_front.unique_rowid()"+key)
	}
	if s.shard != nil {
		var parts []string
		for _, c := range s.shard {
			parts = append(parts, quoteName(c)+"::text")
		}
		list = append(list, fmt.Sprintf("%s INT4 NOT NULL GENERATED ALWAYS AS (pg_catalog.hashtext(%s) & %d) STORED",
			quoteName(s.shardName()), strings.Join(parts, " || '/' || "), shards-1))
	}
	if s.regional {
		list = append(list, "crdb_region public.crdb_internal_region NOT NULL DEFAULT 'us-east1'")
	}
	return list
}

// tableMade notes a new table's age and hidden columns.
func (s *session) tableMade(n *tree.CreateTable, shape *shape) {
	schema := ""
	if n.Table.ExplicitSchema {
		schema = string(n.Table.SchemaName)
	}
	t, err := s.catalog.table(schema, n.Table.Table(), s.path)
	if err != nil || t == nil {
		return
	}
	s.catalog.exec(`INSERT INTO crdb_front.born VALUES ($1, 0) ON CONFLICT DO NOTHING`, t.oid)
	for _, name := range shape.hidden {
		s.catalog.exec(`INSERT INTO crdb_front.hidden_column VALUES ($1, $2) ON CONFLICT DO NOTHING`, t.oid, name)
	}
}

func (st *statement) alterTable(n *tree.AlterTable) *sqlError {
	st.change = func() (*plan, *sqlError) { return st.planAlterTable(n) }
	return nil
}

func (st *statement) planAlterTable(n *tree.AlterTable) (*plan, *sqlError) {
	name := n.Table.ToTableName()
	t, e := st.lookup(&name)
	if e != nil {
		return nil, e
	}
	if t == nil {
		if n.IfExists {
			return &plan{description: tree.AsString(n)}, nil
		}
		return nil, refuse("42P01", "relation %q does not exist", name.String())
	}
	if locked, ok := lockParameter(n); ok {
		return lockPlan(n, t, locked), nil
	}
	if e := st.session.checkLocked(t); e != nil {
		return nil, e
	}
	list := tokens(st.sql)
	var ed edits
	editTypes(list, &ed)
	editNames(list, &ed)
	p := &plan{description: tree.AsString(n), table: t.qualified(), sql: []string{ed.apply(st.sql)}}
	var added []string
	for _, cmd := range n.Cmds {
		if add, ok := cmd.(*tree.AlterTableAddColumn); ok && t.column(string(add.ColumnDef.Name)) == nil {
			added = append(added, string(add.ColumnDef.Name))
		}
	}
	if added != nil {
		p.record = func(ctx context.Context, conn *pgx.Conn) error {
			_, err := conn.Exec(ctx, `INSERT INTO crdb_front.born
				SELECT attrelid, attnum FROM pg_catalog.pg_attribute
				WHERE attrelid = $1 AND attname = ANY ($2::text[]) ON CONFLICT DO NOTHING`, t.oid, added)
			return err
		}
	}
	return p, nil
}

// lockParameter is ALTER TABLE t SET (schema_locked = …).
func lockParameter(n *tree.AlterTable) (bool, bool) {
	if len(n.Cmds) != 1 {
		return false, false
	}
	set, ok := n.Cmds[0].(*tree.AlterTableSetStorageParams)
	if !ok || len(set.StorageParams) != 1 || set.StorageParams[0].Key != "schema_locked" {
		return false, false
	}
	value := tree.AsString(set.StorageParams[0].Value)
	return value == "true" || value == "on", true
}

func lockPlan(n *tree.AlterTable, t *table, locked bool) *plan {
	return &plan{
		description: tree.AsString(n), table: t.qualified(),
		record: func(ctx context.Context, conn *pgx.Conn) error {
			_, err := conn.Exec(ctx, `INSERT INTO crdb_front.schema_locked VALUES ($1, $2)
				ON CONFLICT (relid) DO UPDATE SET locked = $2`, t.oid, locked)
			return err
		},
	}
}

// checkLocked refuses a change of a locked table. A change outside of a transaction unlocks by
// itself, unless the front was told that it does not.
func (s *session) checkLocked(t *table) *sqlError {
	if !s.front.persona.schemaLocked || !s.front.strictLock {
		return nil
	}
	locked := true
	err := s.catalog.use(func(ctx context.Context, conn *pgx.Conn) error {
		return conn.QueryRow(ctx, `SELECT locked FROM crdb_front.schema_locked WHERE relid = $1`, t.oid).Scan(&locked)
	})
	if (err != nil && err != pgx.ErrNoRows) || !locked {
		return nil
	}
	e := refuse("57000", "this schema change is disallowed because table %q is locked and this operation "+
		"cannot automatically unlock the table", t.name)
	e.detail = fmt.Sprintf("To unlock the table, execute ALTER TABLE %s SET (schema_locked = false);", t.name)
	return e
}
