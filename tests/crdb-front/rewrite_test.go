// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"

	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/sem/tree"
)

// edited gives what the steps that need no server make of a statement.
func edited(sql string) string {
	list := tokens(sql)
	var e edits
	editHints(list, &e)
	editNames(list, &e)
	for i := range list {
		if at(list, i, "order", "by") {
			for _, one := range orderItems(list, i+2) {
				if !one.nulls {
					one.edit(&statement{parsed: parsed{sql: sql}}, list, &e)
				}
			}
		}
	}
	return e.apply(sql)
}

func TestEdits(t *testing.T) {
	for sql, want := range map[string]string{
		"SELECT a FROM t@ix AS x WHERE b = 'a@b'":      "SELECT a FROM t AS x WHERE b = 'a@b'",
		`SELECT a FROM "T 1"@{FORCE_INDEX=ix,DESC}`:    `SELECT a FROM "T 1"`,
		"SELECT indkey FROM pg_catalog.pg_index i":     "SELECT indkey FROM crdb_front.pg_index i",
		"SELECT pg_index.indkey FROM pg_index":         "SELECT pg_index.indkey FROM crdb_front.pg_index",
		"SELECT * FROM information_schema.columns":     "SELECT * FROM crdb_front.columns",
		"SELECT pg_catalog.format_type(a, b)":          "SELECT crdb_front.format_type(a, b)",
		"SELECT encode(sha256(body), 'hex')":           "SELECT encode(crdb_front.sha256(body), 'hex')",
		"SELECT a FROM t ORDER BY a":                   "SELECT a FROM t ORDER BY a NULLS FIRST",
		"SELECT a FROM t ORDER BY a DESC, t.b LIMIT 1": "SELECT a FROM t ORDER BY a DESC NULLS LAST, t.b NULLS FIRST LIMIT 1",
		"SELECT a FROM t ORDER BY a NULLS LAST":        "SELECT a FROM t ORDER BY a NULLS LAST",
		"SELECT row_number() OVER (ORDER BY a) FROM t": "SELECT row_number() OVER (ORDER BY a NULLS FIRST) FROM t",
		"SELECT a FROM t ORDER BY v <=> $1": "SELECT a FROM t " +
			"ORDER BY ((v <=> $1) = 'NaN') DESC NULLS FIRST, v <=> $1 NULLS FIRST",
		"SELECT a, v <-> $1 AS d FROM t ORDER BY d": "SELECT a, v <-> $1 AS d FROM t " +
			"ORDER BY ((v <-> $1) = 'NaN') DESC NULLS FIRST, d NULLS FIRST",
	} {
		if got := edited(sql); got != want {
			t.Errorf("%s\n got %s\nwant %s", sql, got, want)
		}
	}
}

// oneSelect parses a query and gives its parts.
func oneSelect(t *testing.T, sql string) (*tree.Select, *tree.SelectClause) {
	t.Helper()
	list, e := parse(sql)
	if e != nil {
		t.Fatal(e)
	}
	sel := list[0].ast.(*tree.Select)
	return sel, sel.Select.(*tree.SelectClause)
}

func TestWhichIndexServes(t *testing.T) {
	tbl := &table{name: "t", indexes: []index{
		{name: "plain", vector: true, column: "v", opclass: "vector_cosine_ops"},
		{name: "prefixed", vector: true, column: "v", opclass: "vector_l2_ops", prefix: []string{"a", "b"}},
		{name: "part", vector: true, column: "w", opclass: "vector_ip_ops", predicate: "(w IS NOT NULL)"},
	}}
	for sql, want := range map[string]string{
		"SELECT id FROM t ORDER BY v <=> '[1]' LIMIT 1":                                 "plain",
		"SELECT id, v <=> '[1]' AS d FROM t ORDER BY d LIMIT 1":                         "plain",
		"SELECT id FROM t WHERE true ORDER BY v <=> '[1]' LIMIT 1":                      "plain",
		"SELECT id FROM t WHERE v IS NOT NULL ORDER BY v <=> '[1]' LIMIT 1":             "",
		"SELECT id FROM t ORDER BY v <=> '[1]'":                                         "",
		"SELECT id FROM t ORDER BY v <=> '[1]' DESC LIMIT 1":                            "",
		"SELECT id FROM t ORDER BY v <=> '[1]' NULLS LAST LIMIT 1":                      "",
		"SELECT id FROM t ORDER BY v <=> '[1]', id LIMIT 1":                             "",
		"SELECT id FROM t ORDER BY 1 - (v <=> '[1]') LIMIT 1":                           "",
		"SELECT id FROM t ORDER BY (v <=> '[1]') + 0 LIMIT 1":                           "",
		"SELECT id FROM t ORDER BY v <#> '[1]' LIMIT 1":                                 "",
		"SELECT id FROM t WHERE a = 1 AND t.b IN (1, 2) ORDER BY v <-> '[1]' LIMIT 1":   "prefixed",
		"SELECT id FROM t WHERE (a, b) IN ((1, 2)) ORDER BY v <-> '[1]' LIMIT 1":        "prefixed",
		"SELECT id FROM t WHERE a = 1 AND b IS NULL ORDER BY v <-> '[1]' LIMIT 1":       "prefixed",
		"SELECT id FROM t WHERE a = 1 ORDER BY v <-> '[1]' LIMIT 1":                     "",
		"SELECT id FROM t WHERE a = 1 AND b > 2 ORDER BY v <-> '[1]' LIMIT 1":           "",
		"SELECT id FROM t WHERE a = 1 AND b = 2 AND c = 3 ORDER BY v <-> '[1]' LIMIT 1": "",
		"SELECT id FROM t WHERE (t.w IS NOT NULL) ORDER BY w <#> '[1]' LIMIT 1":         "part",
		"SELECT id FROM t ORDER BY w <#> '[1]' LIMIT 1":                                 "",
		"SELECT id FROM t@plain WHERE a = 1 AND b = 2 ORDER BY v <-> '[1]' LIMIT 1":     "",
	} {
		sel, clause := oneSelect(t, sql)
		refs := referencesOf(sel)
		column, symbol, _ := distanceOrder(sel)
		got := ""
		if x := chooseIndex(tbl, refs[0].hint, sel, clause, column, opclassOf[symbol]); x != nil && column != "" {
			got = x.name
		}
		if got != want {
			t.Errorf("%s: %q, not %q", sql, got, want)
		}
	}
}

func TestStorageParameters(t *testing.T) {
	for with, code := range map[string]string{
		"min_partition_size = 16, max_partition_size = 128": "",
		"build_beam_size = 0":                               "22023",
		"m = 16":                                            "22023",
		"min_partition_size = 2, max_partition_size = 7":    "22023",
		"min_partition_size = 64":                           "22023",
	} {
		list, e := parse("CREATE VECTOR INDEX ON t (v) WITH (" + with + ")")
		if e != nil {
			t.Fatal(e)
		}
		_, e = checkStorage(list[0].ast.(*tree.CreateIndex).StorageParams)
		if (e == nil) != (code == "") || (e != nil && e.code != code) {
			t.Errorf("%s: %v", with, e)
		}
	}
}

func TestHiddenColumns(t *testing.T) {
	for sql, want := range map[string]string{
		"CREATE TABLE t (a INT8 PRIMARY KEY, b STRING)": "(a INT8 PRIMARY KEY, b TEXT)",
		"CREATE TABLE t (a INT)":                        "(a INT8, rowid INT8 NOT NULL DEFAULT crdb_front.unique_rowid() PRIMARY KEY)",
		"CREATE TABLE t (a INT8, b INT8, PRIMARY KEY (b, a) USING HASH)": `PRIMARY KEY ("crdb_internal_b_a_shard_16", b, a) , ` +
			`"crdb_internal_b_a_shard_16" INT4 NOT NULL GENERATED`,
		"CREATE TABLE t (a INT8 PRIMARY KEY USING HASH WITH (bucket_count = 16), c TEXT)": `c TEXT, PRIMARY KEY ("crdb_internal_a_shard_16", "a")`,
		"CREATE TABLE t (a INT8, PRIMARY KEY (a)) LOCALITY REGIONAL BY ROW":               "PRIMARY KEY (crdb_region, a), crdb_region public.crdb_internal_region NOT NULL",
	} {
		list, e := parse(sql)
		if e != nil {
			t.Fatal(e)
		}
		shape, e := shapeOf(list[0].ast.(*tree.CreateTable))
		if e != nil {
			t.Fatal(e)
		}
		var ed edits
		words := tokens(sql)
		editTypes(words, &ed)
		shape.edit(words, &ed)
		got := ed.apply(sql)
		if !strings.Contains(got, want) || strings.Contains(got, "HASH") || strings.Contains(got, "LOCALITY") {
			t.Errorf("%s\n got %s", sql, got)
		}
	}
}

func TestFaultsComeInTurn(t *testing.T) {
	fs := newFaults(1)
	f := &fault{Kind: faultError, On: "write", After: 1, Every: 2, Count: 2}
	if err := fs.add(f); err != nil {
		t.Fatal(err)
	}
	s := &session{txn: 'I'}
	var hits []int
	for i := 1; i <= 10; i++ {
		fs.at(s, &statement{kind: kindRead})
		if fs.at(s, &statement{kind: kindWrite}) != nil {
			hits = append(hits, i)
		}
	}
	if len(hits) != 2 || hits[0] != 3 || hits[1] != 5 {
		t.Errorf("hits %v", hits)
	}
	if fs.add(&fault{Kind: "nonsense"}) == nil || fs.add(&fault{Kind: faultError, On: "nonsense"}) == nil {
		t.Error("nonsense was taken")
	}
}

func TestMessageSizes(t *testing.T) {
	e := &tooLarge{size: 64 << 10}
	if got := e.Error(); got != "message size 64 KiB bigger than maximum allowed message size 16 MiB" {
		t.Error(got)
	}
}
