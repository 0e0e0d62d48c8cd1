// SPDX-License-Identifier: Apache-2.0

// EXPLAIN, in CockroachDB's words: enough of a plan to tell a vector search from a full scan.

package main

import (
	"fmt"
	"strings"

	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/sem/tree"
)

func (st *statement) explain(n *tree.Explain) *sqlError {
	// The statement must be one that runs: its own checks come first.
	inner := &statement{parsed: parsed{sql: innerText(st.sql), ast: n.Statement}, session: st.session,
		tag: n.Statement.StatementTag(), kind: kindOf(n.Statement)}
	inner.text = inner.sql
	if e := inner.look(); e != nil {
		return e
	}
	found, e := inner.searches()
	if e != nil {
		return e
	}
	lines := []string{"distribution: local", "vectorized: true", ""}
	for _, one := range found {
		lines = append(lines, one.plan()...)
	}
	if len(found) == 0 {
		lines = append(lines, inner.plainPlan()...)
	}
	for i := range lines {
		lines[i] = "(" + fmt.Sprint(i) + ", " + quoteLiteral(lines[i]) + ")"
	}
	st.text = "SELECT info FROM (VALUES " + strings.Join(lines, ", ") + ") AS plan(line, info)"
	for i := 1; i <= st.placeholders; i++ {
		glue := " AND "
		if i == 1 {
			glue = " WHERE "
		}
		st.text += fmt.Sprintf("%scoalesce($%d::text, '') IS NOT NULL", glue, i)
	}
	st.text += " ORDER BY line"
	return nil
}

// innerText leaves EXPLAIN and its options out.
func innerText(sql string) string {
	list := tokens(sql)
	i := 1
	if i < len(list) && list[i].id == '(' {
		i = closing(list, i) + 1
	}
	for i < len(list) && (list[i].is("verbose") || list[i].is("analyze")) {
		i++
	}
	if i >= len(list) {
		return sql
	}
	return sql[list[i].start:]
}

func (one search) plan() []string {
	if one.index == nil {
		return []string{
			"• top-k", "│ order: +distance", "│", "└── • render", "    │", "    └── • scan",
			"          missing stats",
			fmt.Sprintf("          table: %s@%s", one.table.name, one.table.primary()),
			"          spans: FULL SCAN",
		}
	}
	plan := []string{
		"• top-k", "│ order: +distance", "│", "└── • render", "    │", "    └── • lookup join",
		fmt.Sprintf("        │ table: %s@%s", one.table.name, one.table.primary()), "        │",
		"        └── • vector search",
		fmt.Sprintf("              table: %s@%s", one.table.name, one.index.name),
		"              target count: 10",
	}
	if len(one.index.prefix) > 0 {
		plan = append(plan, "              prefix spans: [/… - /…]")
	}
	return plan
}

func (t *table) primary() string {
	for _, x := range t.indexes {
		if x.primary {
			return x.name
		}
	}
	return "primary"
}

// plainPlan is for statements without a vector search: a range of the key, or all of it.
func (st *statement) plainPlan() []string {
	var lines []string
	for _, r := range st.tables {
		t, e := st.lookup(r.name)
		if e != nil || t == nil {
			continue
		}
		spans := "FULL SCAN"
		if r.owner != nil && r.owner.Where != nil && t.leads(normal(r.owner.Where.Expr)) {
			spans = "[/… - ]"
		}
		lines = append(lines, "• scan", "  missing stats",
			fmt.Sprintf("  table: %s@%s", t.name, t.primary()), "  spans: "+spans)
	}
	return lines
}

// leads says whether a filter begins with the first column of the key.
func (t *table) leads(filter string) bool {
	for _, x := range t.indexes {
		if x.primary && len(x.keys) > 0 {
			return strings.Contains(filter, strings.ToLower(x.keys[0]))
		}
	}
	return false
}
