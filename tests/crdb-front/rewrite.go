// SPDX-License-Identifier: Apache-2.0

// What is sent to the server behind in the place of what only CockroachDB understands. Each step
// adds edits of the statement's text; statements of other shapes have files of their own (show.go,
// setting.go, index.go, table.go, explain.go).

package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/lexbase"
	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/sem/tree"
)

func rewrite(st *statement) *sqlError {
	switch n := st.ast.(type) {
	case *tree.CreateIndex:
		return st.createIndex(n)
	case *tree.DropIndex:
		return st.dropIndex(n)
	case *tree.AlterTable:
		return st.alterTable(n)
	case *tree.CreateTable:
		return st.createTable(n)
	case *tree.CreateExtension:
		st.text = nothing // every type is there
		return nil
	case *tree.DropDatabase:
		return st.dropDatabase(n)
	case *tree.SetVar:
		return st.setVar(n)
	case *tree.SetClusterSetting:
		return st.setClusterSetting(n)
	case *tree.ControlJobs:
		return st.controlJobs(n)
	case *tree.Explain:
		return st.explain(n)
	case *tree.CreateStats:
		st.text = "ANALYZE " + tree.AsString(n.Table)
		return nil
	}
	if sql, e := st.show(st.ast); sql != "" || e != nil {
		st.text = sql
		return e
	}
	return st.rewriteQuery()
}

// rewriteQuery is for SELECT, INSERT, UPDATE, DELETE, and whatever needs no more than names.
func (st *statement) rewriteQuery() *sqlError {
	list := tokens(st.sql)
	var e edits
	steps := []func([]token, *edits) *sqlError{
		st.editSources, st.editAsOf, st.editSearch, st.editNulls,
	}
	editHints(list, &e)
	editNames(list, &e)
	for _, step := range steps {
		if err := step(list, &e); err != nil {
			return err
		}
	}
	st.text = e.apply(st.sql)
	return st.noteWrites()
}

// editHints takes away t@ix and t@{FORCE_INDEX=ix}.
func editHints(list []token, e *edits) {
	for i := 1; i+1 < len(list); i++ {
		if list[i].id != '@' || !list[i-1].isName() || list[i-1].end != list[i].start {
			continue
		}
		e.remove(list[i], list[endOfHint(list, i)])
	}
}

func endOfHint(list []token, i int) int {
	if next := list[i+1].id; next == '{' || next == '[' {
		return closing(list, i+1)
	}
	return i + 1
}

// Relations of the catalogue that CockroachDB shows otherwise; setup.sql has them.
var catalogViews = map[string]bool{
	"pg_index": true, "pg_indexes": true, "pg_opclass": true, "pg_extension": true, "pg_am": true,
	"pg_class": true, "pg_attribute": true, "pg_locks": true, "pg_inherits": true,
	"pg_partitioned_table": true, "pg_stat_progress_create_index": true,
	"pg_stat_user_tables": true, "pg_stat_activity": true,
}

// Functions that give something else.
var functions = map[string]bool{
	"format_type": true, "sha256": true, "sha512": true, "md5": true, "pg_get_indexdef": true,
	"unique_rowid": true, "version": true, "follower_read_timestamp": true,
}

// editNames turns catalogue relations and functions to the front's own.
func editNames(list []token, e *edits) {
	for i, t := range list {
		if !t.isName() || at(list, i+1, ".") {
			continue
		}
		first := i
		if at(list, i-1, ".") {
			if i < 2 || !(list[i-2].is("pg_catalog") || list[i-2].is("information_schema")) {
				continue
			}
			first = i - 2
		}
		switch {
		case at(list, i+1, "("):
			if functions[t.word] && !at(list, first, "information_schema") {
				e.replace(list[first].start, t.end, "crdb_front."+t.word)
			}
		case !isRelationPlace(list, first):
		case at(list, first, "information_schema", ".", "columns"):
			e.replace(list[first].start, t.end, "crdb_front.columns")
		case catalogViews[t.word] && !at(list, first, "information_schema"):
			e.replace(list[first].start, t.end, "crdb_front."+t.word)
		}
	}
}

// isRelationPlace says whether a name at i may be one of a relation in FROM.
func isRelationPlace(list []token, i int) bool {
	if i == 0 {
		return false
	}
	before := list[i-1]
	return before.is("from") || before.is("join") || before.id == ','
}

// editSources turns [SHOW …] into a subquery. The bracket needs no alias, the subquery does.
func (st *statement) editSources(list []token, e *edits) *sqlError {
	shows := walk(st.ast).shows
	k := 0
	for i, t := range list {
		if t.id != '[' || !at(list, i+1, "show") || !isRelationPlace(list, i) || k == len(shows) {
			continue
		}
		sql, err := st.show(shows[k])
		if err != nil {
			return err
		}
		if sql == "" {
			return unimplemented(0, "[%s] in the front", tree.AsString(shows[k]))
		}
		k++
		end := closing(list, i)
		alias := " AS shown"
		if at(list, end+1, "as") || (end+1 < len(list) && list[end+1].id == lexbase.IDENT) {
			alias = ""
		}
		e.replace(t.start, list[end].end, "("+sql+")"+alias)
	}
	return nil
}

// editAsOf holds AS OF SYSTEM TIME against its rules and takes it away: the server behind has no
// past to read from.
func (st *statement) editAsOf(list []token, e *edits) *sqlError {
	for _, a := range walk(st.ast).asOf {
		if err := st.checkAsOf(a); err != nil {
			return err
		}
	}
	for i := range list {
		if at(list, i, "as", "of", "system", "time") || isAsLA(list, i) {
			e.remove(list[i], list[endOfTime(list, i+4)])
		}
	}
	return nil
}

// isAsLA is the same where the scanner has looked ahead.
func isAsLA(list []token, i int) bool {
	return list[i].id == lexbase.AS_LA && at(list, i+1, "of", "system", "time")
}

// endOfTime gives the last token of a point in time that begins at i.
func endOfTime(list []token, i int) int {
	if i >= len(list) {
		return len(list) - 1
	}
	if i+1 < len(list) && list[i+1].id == '(' {
		return closing(list, i+1)
	}
	if list[i].id == '-' && i+1 < len(list) {
		return i + 1
	}
	return i
}

func (st *statement) checkAsOf(a asOf) *sqlError {
	text := tree.AsString(a.expr)
	call, isCall := a.expr.(*tree.FuncExpr)
	_, isString := a.expr.(*tree.StrVal)
	_, isNumber := a.expr.(*tree.NumVal)
	name := ""
	if isCall {
		name = strings.ToLower(call.Func.String())
	}
	age := st.session.front.followerLag
	switch {
	case isString || isNumber || strings.HasPrefix(text, "-"):
	case name == "follower_read_timestamp" || name == "with_max_staleness" || name == "with_min_timestamp":
	default:
		return refuse("42601", "AS OF SYSTEM TIME: only constant expressions, with_min_timestamp, "+
			"with_max_staleness, or follower_read_timestamp are allowed")
	}
	if !a.top {
		return refuse("42601", "AS OF SYSTEM TIME must be provided on a top-level statement")
	}
	if st.kind == kindWrite {
		return refuse("25006", "cannot execute %s in a read-only transaction", st.tag)
	}
	if sel, ok := st.ast.(*tree.Select); ok && len(sel.Locking) > 0 {
		return refuse("25006", "cannot execute SELECT FOR UPDATE in a read-only transaction")
	}
	return st.checkYoung(a.clause, age)
}

// checkYoung refuses columns and tables that were not there yet at the time that is read.
func (st *statement) checkYoung(clause *tree.SelectClause, age time.Duration) *sqlError {
	words := map[string]bool{}
	for _, t := range tokens(st.sql) {
		if t.isName() {
			words[t.word] = true
		}
	}
	for _, r := range st.tables {
		if r.owner != clause {
			continue
		}
		t, err := st.lookup(r.name)
		if err != nil || t == nil {
			return err
		}
		young, bad := st.session.catalog.youngerThan(t, words, age)
		if bad != nil {
			return refuse("XX000", "front: %v", bad)
		}
		if young == t.name {
			return refuse("42P01", "relation %q does not exist", r.name.String())
		}
		if young != "" {
			return refuse("42703", "column %q does not exist", young)
		}
	}
	return nil
}

// lookup finds a table by its name in the statement; nil when there is none.
func (st *statement) lookup(name *tree.TableName) (*table, *sqlError) {
	schema := ""
	if name.ExplicitSchema {
		schema = string(name.SchemaName)
	}
	t, err := st.session.catalog.table(schema, name.Table(), st.session.path)
	if err != nil {
		return nil, refuse("XX000", "front: %v", err)
	}
	return t, nil
}

// mustLookup is lookup for a table that has to be there.
func (st *statement) mustLookup(name *tree.TableName) (*table, *sqlError) {
	t, e := st.lookup(name)
	if e == nil && t == nil {
		e = refuse("42P01", "relation %q does not exist", name.String())
	}
	return t, e
}

// noteWrites remembers which tables and columns are written.
func (st *statement) noteWrites() *sqlError {
	var target tree.TableExpr
	var columns map[string]bool
	switch n := st.ast.(type) {
	case *tree.Insert:
		target = n.Table
	case *tree.Delete:
		target = n.Table
	case *tree.Update:
		target, columns = n.Table, map[string]bool{}
		for _, x := range n.Exprs {
			for _, name := range x.Names {
				columns[string(name)] = true
			}
		}
	default:
		return nil
	}
	w := &walker{ctes: map[string]bool{}}
	w.tableExpr(target, nil)
	for _, r := range w.tables {
		t, e := st.lookup(r.name)
		if e != nil {
			return e
		}
		if t != nil {
			st.writes = append(st.writes, writeTarget{t.oid, columns})
		}
	}
	return nil
}

// qualified is a table's full name, quoted.
func (t *table) qualified() string {
	return fmt.Sprintf("%s.%s", quoteName(t.schema), quoteName(t.name))
}

func quoteName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
