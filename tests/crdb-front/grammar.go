// SPDX-License-Identifier: Apache-2.0

// The grammar: CockroachDB's own parser, asked about every statement of either protocol.

package main

import (
	"strings"
	"sync/atomic"

	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/parser"
	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/pgwire/pgerror"
	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/sem/tree"
	"github.com/cockroachdb/errors"
)

// parsed is one statement: its own text and what the parser made of it.
type parsed struct {
	sql          string
	ast          tree.Statement
	placeholders int
}

// parserPanics counts texts on which the parser gave up in its own way.
var parserPanics atomic.Int64

// parse reads all statements of a text. No statement at all is an empty list.
func parse(sql string) (list []parsed, refused *sqlError) {
	defer func() {
		if r := recover(); r != nil {
			parserPanics.Add(1)
			list, refused = nil, unimplemented(0, "this syntax (the parser gave up: %v)", r)
			refused.grammar = true
		}
	}()
	statements, err := parser.Parse(sql)
	if err != nil {
		return nil, syntaxError(err)
	}
	for _, s := range statements {
		list = append(list, parsed{sql: s.SQL, ast: s.AST, placeholders: s.NumPlaceholders})
	}
	return list, nil
}

// syntaxError keeps the parser's own code: 42601, or 0A000 for what it knows and refuses.
func syntaxError(err error) *sqlError {
	e := &sqlError{
		code:    pgerror.GetPGCode(err).String(),
		message: err.Error(),
		detail:  errors.FlattenDetails(err),
		hint:    errors.FlattenHints(err),
		grammar: true,
	}
	if e.code == "" || strings.HasPrefix(e.code, "XX") {
		e.code = "42601"
	}
	if e.code == "0A000" && !strings.HasPrefix(e.message, "unimplemented") {
		// CockroachDB puts the kind first.
		e.message = "unimplemented: " + strings.Replace(e.message, "unimplemented: ", "", 1)
	}
	return e
}
