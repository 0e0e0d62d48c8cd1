// SPDX-License-Identifier: Apache-2.0

// Vector search: when CockroachDB's optimizer uses a vector index, and what a search through one
// returns.

package main

import (
	"strings"

	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/parser"
	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/sem/tree"
	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/sem/tree/treebin"
	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/sem/tree/treecmp"
)

// search is one SELECT … FROM t ORDER BY v <=> q LIMIT k.
type search struct {
	table  *table
	ref    reference
	column string
	index  *index // that serves it; nil: every row is compared
	order  int    // which SELECT with a distance in ORDER BY, counted through the text
}

var opclassOf = map[treebin.BinaryOperatorSymbol]string{
	treebin.Distance:        "vector_l2_ops",
	treebin.CosDistance:     "vector_cosine_ops",
	treebin.NegInnerProduct: "vector_ip_ops",
}

// searches finds the vector searches of a statement; an index that is forced and does not serve
// is an error.
func (st *statement) searches() ([]search, *sqlError) {
	var list []search
	served := map[*tree.TableName]bool{}
	n := 0
	for _, sel := range walk(st.ast).selects {
		column, symbol, found := distanceOrder(sel)
		if !found {
			continue
		}
		one := search{order: n}
		n++
		clause, _ := sel.Select.(*tree.SelectClause)
		var refs []reference
		for _, r := range st.tables {
			if r.owner == clause && clause != nil {
				refs = append(refs, r)
			}
		}
		if len(refs) != 1 || column == "" {
			continue
		}
		t, err := st.lookup(refs[0].name)
		if err != nil {
			return nil, err
		}
		if t == nil {
			continue
		}
		one.table, one.ref, one.column = t, refs[0], column
		one.index = chooseIndex(t, refs[0].hint, sel, clause, column, opclassOf[symbol])
		served[refs[0].name] = one.index != nil
		list = append(list, one)
	}
	return list, st.checkHints(served)
}

// checkHints refuses forced indexes that are not there or, being vector indexes, do not serve.
func (st *statement) checkHints(served map[*tree.TableName]bool) *sqlError {
	for _, r := range st.tables {
		if r.hint == nil || r.hint.Index == "" {
			continue
		}
		t, err := st.lookup(r.name)
		if err != nil || t == nil {
			return err
		}
		x := t.index(string(r.hint.Index))
		if x == nil {
			return refuse("42704", "index %q not found", string(r.hint.Index))
		}
		if x.vector && !served[r.name] {
			return refuse("42809", "index %q cannot be used for this query", x.name)
		}
		if x.predicate != "" && !x.vector {
			if clause := r.owner; clause == nil || clause.Where == nil ||
				!strings.Contains(normal(clause.Where.Expr), normalText(x.predicate)) {
				return refuse("42809", "index %q is a partial index that does not contain all the rows "+
					"needed to execute this query", x.name)
			}
		}
	}
	return nil
}

// distanceOrder says whether a SELECT sorts by a distance, and of which column.
func distanceOrder(sel *tree.Select) (string, treebin.BinaryOperatorSymbol, bool) {
	if len(sel.OrderBy) == 0 {
		return "", 0, false
	}
	o := sel.OrderBy[0]
	expr := o.Expr
	if name, ok := expr.(*tree.UnresolvedName); ok {
		if clause, ok := sel.Select.(*tree.SelectClause); ok {
			for _, x := range clause.Exprs {
				if string(x.As) == name.Parts[0] && name.NumParts == 1 {
					expr = x.Expr
				}
			}
		}
	}
	if !hasDistance(expr) {
		return "", 0, false
	}
	bin, ok := unparen(expr).(*tree.BinaryExpr)
	if !ok || opclassOf[bin.Operator.Symbol] == "" {
		return "", 0, true // of something that is computed from a distance
	}
	column := ""
	for _, side := range []tree.Expr{bin.Left, bin.Right} {
		if name, ok := unparen(side).(*tree.UnresolvedName); ok {
			column = name.Parts[0]
		}
	}
	if len(sel.OrderBy) > 1 || o.Direction == tree.Descending || o.NullsOrder != tree.DefaultNullsOrder ||
		sel.Limit == nil || sel.Limit.Count == nil {
		column = "" // no vector search, whatever the indexes
	}
	return column, bin.Operator.Symbol, true
}

func hasDistance(e tree.Expr) bool {
	found := false
	tree.SimpleVisit(e, func(e tree.Expr) (bool, tree.Expr, error) {
		if bin, ok := e.(*tree.BinaryExpr); ok && opclassOf[bin.Operator.Symbol] != "" {
			found = true
		}
		return !found, e, nil
	})
	return found
}

func unparen(e tree.Expr) tree.Expr {
	for {
		p, ok := e.(*tree.ParenExpr)
		if !ok {
			return e
		}
		e = p.Expr
	}
}

// chooseIndex gives the vector index that serves a search, the forced one or any.
func chooseIndex(t *table, hint *tree.IndexFlags, sel *tree.Select, clause *tree.SelectClause, column, opclass string) *index {
	if len(clause.GroupBy) > 0 || clause.Distinct || clause.Having != nil || len(sel.Locking) > 0 {
		return nil
	}
	for i := range t.indexes {
		x := &t.indexes[i]
		if !x.vector || x.column != column || x.opclass != opclass {
			continue
		}
		if hint != nil && hint.Index != "" && string(hint.Index) != x.name {
			continue
		}
		if filtersServe(x, clause.Where) {
			return x
		}
	}
	return nil
}

// filtersServe: every prefix column is held to values, the predicate of a partial index is there,
// and nothing else is.
func filtersServe(x *index, where *tree.Where) bool {
	bound := map[string]bool{}
	predicate := x.predicate == ""
	var filters []tree.Expr
	if where != nil {
		filters = conjuncts(where.Expr, nil)
	}
	for _, f := range filters {
		if x.predicate != "" && normal(f) == normalText(x.predicate) {
			predicate = true
			continue
		}
		names, ok := heldToValues(f)
		if !ok {
			return false
		}
		for _, name := range names {
			if !contains(x.prefix, name) {
				return false
			}
			bound[name] = true
		}
	}
	return predicate && len(bound) == len(x.prefix)
}

func conjuncts(e tree.Expr, list []tree.Expr) []tree.Expr {
	e = unparen(e)
	if and, ok := e.(*tree.AndExpr); ok {
		return conjuncts(and.Right, conjuncts(and.Left, list))
	}
	if e == tree.DBoolTrue || tree.AsString(e) == "true" {
		return list
	}
	return append(list, e)
}

// heldToValues names the columns that a filter holds to values: a = 1, a IN (1, 2),
// (a, b) IN (…), a IS NULL.
func heldToValues(e tree.Expr) ([]string, bool) {
	switch n := e.(type) {
	case *tree.ComparisonExpr:
		if n.Operator.Symbol != treecmp.EQ && n.Operator.Symbol != treecmp.In {
			return nil, false
		}
		if tuple, ok := unparen(n.Left).(*tree.Tuple); ok {
			var names []string
			for _, x := range tuple.Exprs {
				name, ok := unparen(x).(*tree.UnresolvedName)
				if !ok {
					return nil, false
				}
				names = append(names, name.Parts[0])
			}
			return names, true
		}
		if name, ok := unparen(n.Left).(*tree.UnresolvedName); ok {
			return []string{name.Parts[0]}, true
		}
		if name, ok := unparen(n.Right).(*tree.UnresolvedName); ok && n.Operator.Symbol == treecmp.EQ {
			return []string{name.Parts[0]}, true
		}
	case *tree.IsNullExpr:
		if name, ok := unparen(n.Expr).(*tree.UnresolvedName); ok {
			return []string{name.Parts[0]}, true
		}
	}
	return nil, false
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// normal writes an expression so that two of the same meaning and form are equal: without tables
// before columns, outer parentheses, or type annotations.
func normal(e tree.Expr) string {
	e, err := tree.SimpleVisit(unparen(e), func(e tree.Expr) (bool, tree.Expr, error) {
		if name, ok := e.(*tree.UnresolvedName); ok && name.NumParts > 1 {
			return false, tree.NewUnresolvedName(name.Parts[0]), nil
		}
		return true, e, nil
	})
	if err != nil {
		return ""
	}
	return strings.ToLower(tree.AsString(e))
}

func normalText(sql string) string {
	e, err := parser.ParseExpr(sql)
	if err != nil {
		return sql
	}
	return normal(e)
}

// editSearch makes the server behind return what a search through the index does: no row without
// a vector. Such a search is exact here: pgvector's own index would return fewer rows than asked.
func (st *statement) editSearch(list []token, e *edits) *sqlError {
	found, err := st.searches()
	if err != nil {
		return err
	}
	orders := distanceOrders(list)
	for _, one := range found {
		if one.index == nil || one.order >= len(orders) {
			continue
		}
		i := orders[one.order]
		if st.searchOrder == nil {
			st.searchOrder = map[int]bool{}
		}
		st.searchOrder[i] = true
		item := orderItems(list, i+2)[0]
		column := quoteName(one.column) + " IS NOT NULL"
		addFilter(list, e, i, column)
		distance, _ := distanceItem(item, list)
		e.replace(list[item.first].start, list[item.last].end, "("+distance.text(st.sql, list)+") + 0.0")
	}
	return nil
}

// distanceOrders finds the ORDER BYs whose first item is a distance.
func distanceOrders(list []token) []int {
	var found []int
	for i := range list {
		if !at(list, i, "order", "by") {
			continue
		}
		items := orderItems(list, i+2)
		if len(items) == 0 {
			continue
		}
		if _, ok := distanceItem(items[0], list); ok {
			found = append(found, i)
		}
	}
	return found
}

// addFilter puts one more condition into the SELECT whose ORDER BY is at i.
func addFilter(list []token, e *edits, i int, condition string) {
	depth := list[i].depth
	for k := i - 1; k >= 0 && list[k].depth >= depth; k-- {
		if list[k].depth != depth {
			continue
		}
		if list[k].is("where") {
			e.insert(list[k].end, " "+condition+" AND (")
			e.insert(list[i-1].end, ")")
			return
		}
		if list[k].is("from") {
			break
		}
	}
	e.insert(list[i].start, "WHERE "+condition+" ")
}
