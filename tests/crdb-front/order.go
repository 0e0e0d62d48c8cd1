// SPDX-License-Identifier: Apache-2.0

// Order. CockroachDB sorts NULL before every value and NaN before every number; PostgreSQL sorts
// both last.

package main

import (
	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/lexbase"
)

// editNulls says NULLS FIRST (ascending) or NULLS LAST (descending) wherever an ORDER BY says
// neither and the value may be NULL, and puts distances that are NaN first.
func (st *statement) editNulls(list []token, e *edits) *sqlError {
	var never map[string]bool
	for i := range list {
		if !at(list, i, "order", "by") {
			continue
		}
		if never == nil {
			var err *sqlError
			if never, err = st.neverNull(); err != nil {
				return err
			}
		}
		for _, one := range orderItems(list, i+2) {
			if st.searchOrder != nil && st.searchOrder[i] {
				continue // editSearch has done it
			}
			if !one.nulls && !never[one.column] {
				one.edit(st, list, e)
			}
		}
	}
	return nil
}

// orderItem is one item of an ORDER BY: tokens [first, last].
type orderItem struct {
	first, last int
	desc, nulls bool
	hasWord     bool   // ASC or DESC is its last token
	column      string // when it is nothing but a column's name
	distance    bool
}

var orderEnds = []string{
	"limit", "offset", "fetch", "for", "rows", "range", "groups", "union", "intersect", "except",
	"with",
}

func orderItems(list []token, i int) []orderItem {
	if i >= len(list) {
		return nil
	}
	depth := list[i].depth
	var items []orderItem
	first := i
	for ; ; i++ {
		end := i == len(list) || list[i].depth < depth || list[i].id == ';'
		for _, word := range orderEnds {
			end = end || (list[i].depth == depth && list[i].is(word))
		}
		if end || (list[i].depth == depth && list[i].id == ',') {
			if i > first {
				items = append(items, newOrderItem(list, first, i-1))
			}
			first = i + 1
		}
		if end {
			return items
		}
	}
}

func newOrderItem(list []token, first, last int) orderItem {
	one := orderItem{first: first, last: last}
	if last-1 > first && list[last-1].is("nulls") {
		one.nulls = true
		one.last -= 2
	}
	if t := list[one.last]; one.last > first && (t.is("desc") || t.is("asc")) {
		one.desc, one.hasWord = t.is("desc"), true
		one.last--
	}
	if list[one.last].isName() && (one.last == first || (one.last >= first+2 && list[one.last-1].id == '.')) &&
		allNames(list[first:one.last+1]) {
		one.column = list[one.last].word
	}
	for k := first; k <= one.last; k++ {
		switch list[k].id {
		case lexbase.DISTANCE, lexbase.COS_DISTANCE, lexbase.NEG_INNER_PRODUCT:
			one.distance = true
		}
	}
	return one
}

func allNames(list []token) bool {
	for i, t := range list {
		if (i%2 == 0 && !t.isName()) || (i%2 == 1 && t.id != '.') {
			return false
		}
	}
	return true
}

func (one orderItem) text(sql string, list []token) string {
	return sql[list[one.first].start:list[one.last].end]
}

func (one orderItem) edit(st *statement, list []token, e *edits) {
	end := list[one.last].end
	if one.hasWord {
		end = list[one.last+1].end
	}
	if !one.desc {
		if expr := st.distanceOf(one, list); expr != "" {
			e.insert(list[one.first].start, "(("+expr+") = 'NaN') DESC NULLS FIRST, ")
		}
		e.insert(end, " NULLS FIRST")
		return
	}
	e.insert(end, " NULLS LAST")
}

// distanceItem gives the distance that an item sorts by: itself, or what its name stands for in
// SELECT a <=> b AS d … ORDER BY d.
func distanceItem(one orderItem, list []token) (orderItem, bool) {
	if one.distance {
		return one, true
	}
	if one.column == "" || one.first != one.last {
		return one, false
	}
	depth := list[one.first].depth
	for i := 1; i+1 < len(list); i++ {
		if !list[i].is("as") || list[i].depth != depth || list[i+1].word != one.column {
			continue
		}
		first := i
		for first > 0 && list[first-1].depth >= depth &&
			(list[first-1].depth > depth || (list[first-1].id != ',' && !list[first-1].is("select"))) {
			first--
		}
		if expr := newOrderItem(list, first, i-1); expr.distance {
			return expr, true
		}
	}
	return one, false
}

// distanceOf gives the text of a distance that an item sorts by, "" for anything else.
func (st *statement) distanceOf(one orderItem, list []token) string {
	expr, ok := distanceItem(one, list)
	if !ok || (expr.last > expr.first+1 && list[expr.last-1].id == lexbase.TYPECAST) {
		return ""
	}
	return expr.text(st.sql, list)
}

// neverNull gives the columns of the statement's tables that cannot be NULL.
func (st *statement) neverNull() (map[string]bool, *sqlError) {
	never := map[string]bool{}
	for _, r := range st.tables {
		t, err := st.lookup(r.name)
		if err != nil {
			return nil, err
		}
		if t == nil {
			continue
		}
		for _, c := range t.columns {
			never[c.name] = c.notNull
		}
	}
	return never, nil
}
