// SPDX-License-Identifier: Apache-2.0

// Walks of syntax trees: the tables a statement names, and the selects it is made of.

package main

import (
	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/sem/tree"
)

// reference is a table that a statement names.
type reference struct {
	name  *tree.TableName
	hint  *tree.IndexFlags
	alias string
	owner *tree.SelectClause // whose FROM it stands in; nil: UPDATE, DELETE, INSERT
}

// walker collects.
type walker struct {
	tables  []reference
	selects []*tree.Select // inner ones first
	shows   []tree.Statement
	ctes    map[string]bool
	asOf    []asOf
}

// asOf is one AS OF SYSTEM TIME.
type asOf struct {
	expr   tree.Expr
	clause *tree.SelectClause
	top    bool
}

func referencesOf(ast tree.Statement) []reference { return walk(ast).tables }

func walk(ast tree.Statement) *walker {
	w := &walker{ctes: map[string]bool{}}
	w.statement(ast, true)
	return w
}

func (w *walker) statement(ast tree.Statement, top bool) {
	switch n := ast.(type) {
	case *tree.Select:
		w.selectNode(n, top)
	case *tree.Explain:
		w.statement(n.Statement, top)
	case *tree.ExplainAnalyze:
		w.statement(n.Statement, top)
	case *tree.Update:
		w.with(n.With)
		w.tableExpr(n.Table, nil)
		w.tableExprs(n.From, nil)
		for _, e := range n.Exprs {
			w.expr(e.Expr)
		}
		w.where(n.Where)
	case *tree.Delete:
		w.with(n.With)
		w.tableExpr(n.Table, nil)
		w.tableExprs(n.Using, nil)
		w.where(n.Where)
	case *tree.Insert:
		w.with(n.With)
		w.tableExpr(n.Table, nil)
		if n.Rows != nil {
			w.selectNode(n.Rows, false)
		}
	}
}

func (w *walker) with(with *tree.With) {
	if with == nil {
		return
	}
	for _, cte := range with.CTEList {
		w.ctes[string(cte.Name.Alias)] = true
		w.statement(cte.Stmt, false)
	}
}

func (w *walker) selectNode(n *tree.Select, top bool) {
	w.with(n.With)
	w.selectStatement(n.Select, top)
	for _, o := range n.OrderBy {
		w.expr(o.Expr)
	}
	w.selects = append(w.selects, n)
}

func (w *walker) selectStatement(n tree.SelectStatement, top bool) {
	switch n := n.(type) {
	case *tree.ParenSelect:
		w.selectNode(n.Select, top)
	case *tree.UnionClause:
		w.selectNode(n.Left, top)
		w.selectNode(n.Right, top)
	case *tree.SelectClause:
		w.tableExprs(n.From.Tables, n)
		if n.From.AsOf.Expr != nil {
			w.asOf = append(w.asOf, asOf{n.From.AsOf.Expr, n, top})
		}
		for _, e := range n.Exprs {
			w.expr(e.Expr)
		}
		w.where(n.Where)
	case *tree.ValuesClause:
		for _, row := range n.Rows {
			for _, e := range row {
				w.expr(e)
			}
		}
	}
}

func (w *walker) where(n *tree.Where) {
	if n != nil {
		w.expr(n.Expr)
	}
}

func (w *walker) tableExprs(list tree.TableExprs, owner *tree.SelectClause) {
	for _, t := range list {
		w.tableExpr(t, owner)
	}
}

func (w *walker) tableExpr(t tree.TableExpr, owner *tree.SelectClause) {
	switch n := t.(type) {
	case *tree.AliasedTableExpr:
		if name, ok := n.Expr.(*tree.TableName); ok {
			w.table(name, n.IndexFlags, string(n.As.Alias), owner)
			return
		}
		w.tableExpr(n.Expr, owner)
	case *tree.TableName:
		w.table(n, nil, "", owner)
	case *tree.ParenTableExpr:
		w.tableExpr(n.Expr, owner)
	case *tree.JoinTableExpr:
		w.tableExpr(n.Left, owner)
		w.tableExpr(n.Right, owner)
		if on, ok := n.Cond.(*tree.OnJoinCond); ok {
			w.expr(on.Expr)
		}
	case *tree.Subquery:
		w.selectStatement(n.Select, false)
	case *tree.StatementSource:
		w.shows = append(w.shows, n.Statement)
		w.statement(n.Statement, false)
	}
}

func (w *walker) table(name *tree.TableName, hint *tree.IndexFlags, alias string, owner *tree.SelectClause) {
	if !name.ExplicitSchema && w.ctes[name.Table()] {
		return
	}
	w.tables = append(w.tables, reference{name, hint, alias, owner})
}

// expr looks for subqueries.
func (w *walker) expr(e tree.Expr) {
	if e == nil {
		return
	}
	tree.SimpleVisit(e, func(e tree.Expr) (bool, tree.Expr, error) {
		if sub, ok := e.(*tree.Subquery); ok {
			w.selectStatement(sub.Select, false)
			return false, e, nil
		}
		return true, e, nil
	})
}
