// SPDX-License-Identifier: Apache-2.0

// One statement on its way: what it is, whether CockroachDB would take it, and what is sent to the
// server behind in its place.

package main

import (
	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/sem/tree"
)

type kind int

const (
	kindRead   kind = iota
	kindWrite       // INSERT, UPDATE, DELETE, COPY …
	kindSchema      // changes the schema: commits what is open, and may be a job
	kindBegin
	kindCommit
	kindRollback
	kindSession // SET and its like
)

type statement struct {
	parsed
	session  *session
	kind     kind
	tag      string
	text     string // for the server behind
	extended bool
	types    []uint32 // of parameters, as the client gave them
	tables   []reference
	writes   []writeTarget

	searchOrder map[int]bool // ORDER BYs, by token, that are vector searches

	checks   []func() *sqlError // at each execution
	change   planner            // a schema change that is a job
	warned   bool               // of writers that are blocked
	done     func()             // after it succeeded
	jobFault *fault
}

// writeTarget is a table that is written to; columns nil: whole rows.
type writeTarget struct {
	oid     uint32
	columns map[string]bool
}

// analyse parses a text and looks at each of its statements.
func (s *session) analyse(sql string) ([]*statement, *sqlError) {
	list, refused := parse(sql)
	if refused != nil {
		return nil, refused
	}
	var result []*statement
	for _, p := range list {
		st := &statement{parsed: p, session: s, text: p.sql, tag: p.ast.StatementTag(), kind: kindOf(p.ast)}
		if e := st.look(); e != nil {
			return nil, e
		}
		result = append(result, st)
	}
	return result, nil
}

func kindOf(ast tree.Statement) kind {
	switch ast.(type) {
	case *tree.BeginTransaction:
		return kindBegin
	case *tree.CommitTransaction:
		return kindCommit
	case *tree.RollbackTransaction:
		return kindRollback
	case *tree.Insert, *tree.Update, *tree.Delete, *tree.CopyFrom, *tree.Truncate:
		return kindWrite
	case *tree.SetVar, *tree.SetClusterSetting, *tree.SetTransaction, *tree.SetSessionCharacteristics:
		return kindSession
	case *tree.Analyze, *tree.CreateStats, *tree.Explain, *tree.ControlJobs:
		return kindRead
	}
	if ast.StatementReturnType() == tree.DDL || ast.StatementType() == tree.TypeDDL {
		return kindSchema
	}
	return kindRead
}

// belongsTo says whether a statement is of a class of faults.
func (st *statement) belongsTo(class string, txn byte) bool {
	switch class {
	case "any":
		return true
	case "read":
		return st.kind == kindRead
	case "write":
		return st.kind == kindWrite
	case "schema":
		return st.kind == kindSchema
	case "begin":
		return st.kind == kindBegin
	case "commit": // a write outside of a transaction commits itself
		return st.kind == kindCommit || (st.kind == kindWrite && txn == 'I')
	}
	return false
}

// look does everything that can be done before the statement is executed.
func (st *statement) look() *sqlError {
	st.tables = referencesOf(st.ast)
	for _, step := range []func(*statement) *sqlError{refuseStatement, rewrite} {
		if e := step(st); e != nil {
			return e
		}
	}
	return nil
}

// checkNow does what must be asked at each execution.
func (st *statement) checkNow() *sqlError {
	s := st.session
	if s.front.persona.buildBlocksWrites {
		for _, w := range st.writes {
			if s.front.jobs.building(w.oid, w.columns) {
				return unimplemented(144443, "Cannot write to a vector index while it is being built")
			}
		}
	}
	for _, check := range st.checks {
		if e := check(); e != nil {
			return e
		}
	}
	return nil
}
