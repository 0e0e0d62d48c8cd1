// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"
)

func TestGrammarTakes(t *testing.T) {
	for _, sql := range []string{
		"", " ; ;", "-- nothing",
		"SELECT 1", "SELECT 1; SELECT 2",
		"CREATE VECTOR INDEX IF NOT EXISTS ix ON t (tenant, v vector_cosine_ops) WITH (min_partition_size=16, max_partition_size=128) WHERE v IS NOT NULL",
		"CREATE INDEX ix ON t USING hnsw (v vector_l2_ops)",
		"SELECT id FROM t@{FORCE_INDEX=ix} ORDER BY v <=> $1::VECTOR(3) LIMIT 3",
		"SELECT id FROM t AS OF SYSTEM TIME follower_read_timestamp() WHERE v IS NULL",
		"UPDATE t SET v = x.v::VECTOR(3) FROM unnest($1::INT8[], $2::TEXT[]) AS x(k, v) WHERE t.id = x.k",
		"DROP INDEX IF EXISTS public.t@ix",
		"SHOW JOBS", "SHOW RANGES FROM INDEX t@ix WITH DETAILS", "SHOW CREATE TABLE t",
	} {
		if _, e := parse(sql); e != nil {
			t.Errorf("%s: %v", sql, e)
		}
	}
}

func TestGrammarRefuses(t *testing.T) {
	for sql, code := range map[string]string{
		"LISTEN x":                                            "42601",
		"SELECT 1 FROM FROM":                                  "42601",
		"CREATE INDEX ix ON t USING ivfflat (v)":              "42601",
		"CREATE TABLE t (v VECTOR[])":                         "0A000",
		"SELECT $1::VECTOR[]":                                 "0A000",
		"SELECT * FROM t WHERE a = 1 AS OF SYSTEM TIME '-1s'": "42601",
		"SELECT a <+> b FROM t":                               "42601",
		"CREATE VECTOR INDEX ix ON t USING cspann (v)":        "42601",
		"EXPLAIN (ANALYZE, FORMAT JSON) SELECT 1":             "42601",
		"LOCK TABLE t":                                        "42601",
		"SELECT 1; VACUUM":                                    "42601",
	} {
		_, e := parse(sql)
		if e == nil {
			t.Errorf("taken: %s", sql)
		} else if e.code != code || !e.grammar {
			t.Errorf("%s: %v", sql, e)
		}
	}
}

func TestParserPanicIsRefused(t *testing.T) {
	before := parserPanics.Load()
	_, e := parse("DO $$ BEGIN NULL; END $$")
	if e == nil || e.code != "0A000" || parserPanics.Load() != before+1 {
		t.Errorf("%v, %d panics", e, parserPanics.Load()-before)
	}
}

func TestTokensAndEdits(t *testing.T) {
	sql := `SELECT "A" FROM t@{FORCE_INDEX=ix} WHERE f(a, 'x') = $1 -- end`
	list := tokens(sql)
	if i := find(list, 0, 0, "where"); i < 0 || sql[list[i].start:list[i].end] != "WHERE" {
		t.Fatal("no WHERE")
	}
	i := find(list, 0, 0, "@", "{")
	if i < 0 || sql[list[i+1].start:list[closing(list, i+1)].end] != "{FORCE_INDEX=ix}" {
		t.Fatal("no hint")
	}
	var e edits
	e.remove(list[i], list[closing(list, i+1)])
	e.insert(0, "/* a */ ")
	e.insert(0, "/* b */ ")
	want := `/* a */ /* b */ SELECT "A" FROM t WHERE f(a, 'x') = $1 -- end`
	if got := e.apply(sql); got != want {
		t.Errorf("%s", got)
	}
	if !list[1].quoted || list[1].word != "A" {
		t.Errorf("quoted name %+v", list[1])
	}
}
