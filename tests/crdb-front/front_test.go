// SPDX-License-Identifier: Apache-2.0

package main

// Tests of the whole front, before the server that VECTORIZE_TEST_URL names (PostgreSQL with
// pgvector, a superuser's URL; they work in a database of their own). Skipped without it.

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const testDatabase = "crdb_front_test"

var makeDatabase sync.Once

// testFront starts a front of a version and gives the URL through it.
func testFront(t *testing.T, version string, change func(*options)) (*front, string) {
	t.Helper()
	url := os.Getenv("VECTORIZE_TEST_URL")
	if url == "" {
		t.Skip("VECTORIZE_TEST_URL is not set")
	}
	ctx := context.Background()
	config, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	makeDatabase.Do(func() {
		conn, err := pgx.ConnectConfig(ctx, config)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(ctx)
		must(t, conn, "DROP DATABASE IF EXISTS "+testDatabase+" WITH (FORCE)")
		must(t, conn, "CREATE DATABASE "+testDatabase)
		other := config.Copy()
		other.Database = testDatabase
		inside, err := pgx.ConnectConfig(ctx, other)
		if err != nil {
			t.Fatal(err)
		}
		defer inside.Close(ctx)
		must(t, inside, "CREATE EXTENSION IF NOT EXISTS vector")
	})
	password := config.Password
	if password != "" {
		password = ":" + password
	}
	upstream := fmt.Sprintf("postgresql://%s%s@/%s?host=%s&port=%d", config.User, password, testDatabase, config.Host, config.Port)
	o := &options{upstream: upstream, persona: version, followerLag: time.Second, seed: 1}
	if change != nil {
		change(o)
	}
	f, err := newFront(o)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go f.accept(listener)
	t.Cleanup(func() {
		listener.Close()
		f.drop()
		f.catalogs[testDatabase].conn.Close(ctx)
	})
	through := fmt.Sprintf("postgresql://%s%s@%s/%s?sslmode=disable", config.User, password, listener.Addr(), testDatabase)
	return f, through
}

type notices []string

func connect(t *testing.T, url string) (*pgx.Conn, *notices) {
	t.Helper()
	config, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	seen := &notices{}
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	config.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) { *seen = append(*seen, n.Message) }
	conn, err := pgx.ConnectConfig(context.Background(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn, seen
}

func must(t *testing.T, conn *pgx.Conn, sql string, args ...any) {
	t.Helper()
	if _, err := conn.Exec(context.Background(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// protocols runs a statement without parameters in either; pgx itself would only take the simple.
var protocols = map[string]func(*pgx.Conn, string) error{
	"simple": func(conn *pgx.Conn, sql string) error {
		_, err := conn.Exec(context.Background(), sql, pgx.QueryExecModeSimpleProtocol)
		return err
	},
	"extended": func(conn *pgx.Conn, sql string) error {
		return conn.PgConn().ExecParams(context.Background(), sql, nil, nil, nil, nil).Read().Err
	},
}

// refused runs a statement that must fail with a code and a text, in both protocols.
func refused(t *testing.T, conn *pgx.Conn, sql, code, text string) {
	t.Helper()
	for _, run := range protocols {
		err := run(conn, sql)
		var e *pgconn.PgError
		if !errors.As(err, &e) || e.Code != code || !strings.Contains(e.Message, text) {
			t.Errorf("%s: %v, not %s %s", sql, err, code, text)
		}
	}
}

// value gives the first column of all rows, joined.
func value(t *testing.T, conn *pgx.Conn, sql string, args ...any) string {
	t.Helper()
	rows, err := conn.Query(context.Background(), sql, args...)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		v, err := rows.Values()
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, fmt.Sprint(v[0]))
	}
	if rows.Err() != nil {
		t.Fatalf("%s: %v", sql, rows.Err())
	}
	return strings.Join(list, " ")
}

func expect(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %q, not %q", what, got, want)
	}
}

func items(t *testing.T, conn *pgx.Conn) {
	t.Helper()
	must(t, conn, "DROP TABLE IF EXISTS items")
	must(t, conn, "CREATE TABLE items (id INT PRIMARY KEY, tenant STRING, v VECTOR(2))")
	must(t, conn, `INSERT INTO items SELECT g, 't' || g % 2, CASE WHEN g > 2 THEN ARRAY[g, 1]::FLOAT4[]::VECTOR END
		FROM generate_series(1, 6) AS g`)
}

func TestVersions(t *testing.T) {
	for _, p := range personas {
		_, url := testFront(t, p.name, nil)
		conn, seen := connect(t, url)
		if got := conn.PgConn().ParameterStatus("crdb_version"); !strings.HasPrefix(got, "CockroachDB CCL v"+p.name) {
			t.Errorf("crdb_version %q", got)
		}
		expect(t, "version()", value(t, conn, "SELECT version()"), p.version())
		items(t, conn)
		const cosine = "CREATE VECTOR INDEX ix ON items (v vector_cosine_ops)"
		if !p.vectorIndexDefault {
			refused(t, conn, cosine, "0A000", "vector indexes are not enabled")
			must(t, conn, "SET CLUSTER SETTING feature.vector_index.enabled = true")
		}
		if p.onlyL2 {
			refused(t, conn, cosine, "42704", `operator class "vector_cosine_ops" does not exist`)
			must(t, conn, "CREATE VECTOR INDEX ix ON items (v vector_l2_ops)")
		} else {
			for _, run := range protocols {
				if err := run(conn, cosine); err != nil {
					t.Error(err)
				}
				if err := run(conn, "DROP INDEX items@ix"); err != nil {
					t.Error(err)
				}
			}
		}
		if got := strings.Contains(strings.Join(*seen, "\n"), "waiting for job(s) to complete: "); got != p.jobNotice {
			t.Errorf("%s: notices %q", p.name, *seen)
		}
		refused(t, conn, fmt.Sprintf("SET vector_search_beam_size = %d", p.maxBeam+1), "22023", "vector_search_beam_size")
		must(t, conn, fmt.Sprintf("SET vector_search_beam_size = %d", p.maxBeam))
		expect(t, "beam", value(t, conn, "SHOW vector_search_beam_size"), fmt.Sprint(p.maxBeam))
		if p.internalsClosed {
			refused(t, conn, "SELECT crdb_internal.node_executable_version()", "42501", "restricted")
		}
	}
}

func TestRefused(t *testing.T) {
	_, url := testFront(t, "25.4", nil)
	conn, _ := connect(t, url)
	items(t, conn)
	for sql, want := range map[string]string{
		"LISTEN x":                                       "42601 syntax error",
		"DO $$ BEGIN NULL; END $$":                       "0A000 unimplemented",
		"SELECT ARRAY['[1]']::VECTOR[]":                  "0A000 arrays of vector not allowed",
		"SELECT ctid FROM items":                         "42703 ctid",
		"SELECT pg_advisory_lock(1)":                     "42883 unknown function",
		"CREATE TEMP TABLE x (a INT)":                    "0A000 temporary tables",
		"SET enable_sort = off":                          "42704 unrecognized configuration parameter",
		"SHOW hnsw_ef":                                   "42704 unrecognized configuration parameter",
		"CREATE UNIQUE VECTOR INDEX ON items (v)":        "0A000 can't be unique",
		"CREATE VECTOR INDEX ON items (v) STORING (id)":  "0A000 stored columns",
		"CREATE VECTOR INDEX ON items (v, id)":           "0A000 only allowed as the last column",
		"CREATE VECTOR INDEX ON items (v vector_l7_ops)": "42704 does not exist",
		"CREATE VECTOR INDEX ON items (v) WITH (m = 16)": "22023 invalid storage parameter",
		"CREATE INDEX ON items (v)":                      "0A000 not indexable",
		"DROP INDEX items@nothing":                       "42704 does not exist",
		"SELECT id FROM items@nothing":                   "42704 not found",
		"CREATE TRIGGER x BEFORE UPDATE OF v ON items FOR EACH ROW EXECUTE FUNCTION f()": "0A000 unimplemented",
		"SELECT id FROM items AS OF SYSTEM TIME follower_read_timestamp() FOR UPDATE":    "25006 read-only",
		"SELECT id FROM items AS OF SYSTEM TIME now()":                                   "42601 only constant expressions",
	} {
		code, text, _ := strings.Cut(want, " ")
		refused(t, conn, sql, code, text)
	}
	expect(t, "after all that", value(t, conn, "SELECT 7"), "7")
}

func TestTooLargeMessage(t *testing.T) {
	_, url := testFront(t, "25.4", nil)
	conn, _ := connect(t, url)
	_, err := conn.Exec(context.Background(), "SELECT $1::text", strings.Repeat("x", 17<<20))
	var e *pgconn.PgError
	if !errors.As(err, &e) || e.Code != "08P01" || !strings.Contains(e.Message, "maximum allowed message size 16 MiB") {
		t.Errorf("%v", err)
	}
	expect(t, "the session goes on", value(t, conn, "SELECT 7"), "7")
}

func TestOrder(t *testing.T) {
	_, url := testFront(t, "25.4", nil)
	conn, _ := connect(t, url)
	items(t, conn)
	must(t, conn, "UPDATE items SET v = '[0,0]' WHERE id = 6")
	expect(t, "NULL, then NaN", value(t, conn, "SELECT id FROM items ORDER BY v <=> $1::VECTOR(2) LIMIT 4", "[3,1]")[4:], "6 3")
	expect(t, "by an alias", value(t, conn, "SELECT id, v <-> $1::VECTOR(2) AS d FROM items ORDER BY d LIMIT 3", "[3,1]")[4:], "3")
	expect(t, "with the filter", value(t, conn, "SELECT id FROM items WHERE v IS NOT NULL ORDER BY v <-> '[3,1]' LIMIT 2"), "3 4")
	expect(t, "by key", value(t, conn, "SELECT id FROM items ORDER BY id DESC LIMIT 2"), "6 5")
}

func TestForcedIndex(t *testing.T) {
	_, url := testFront(t, "25.4", nil)
	conn, _ := connect(t, url)
	items(t, conn)
	must(t, conn, "CREATE VECTOR INDEX ix ON items (v vector_l2_ops)")
	must(t, conn, "CREATE VECTOR INDEX px ON items (tenant, v vector_l2_ops) WHERE v IS NOT NULL")
	const order = " ORDER BY v <-> $1::VECTOR(2) LIMIT 9"
	expect(t, "no row without a vector", value(t, conn, "SELECT id FROM items@{FORCE_INDEX=ix}"+order, "[3,1]"), "3 4 5 6")
	expect(t, "prefix and predicate", value(t, conn,
		"SELECT id FROM items@px WHERE tenant = 't1' AND v IS NOT NULL"+order, "[3,1]"), "3 5")
	refused(t, conn, "SELECT id FROM items@ix WHERE v IS NOT NULL ORDER BY v <-> '[3,1]' LIMIT 9",
		"42809", `index "ix" cannot be used for this query`)
	refused(t, conn, "SELECT id FROM items@ix ORDER BY v <=> '[3,1]' LIMIT 9", "42809", "cannot be used")
	plan := value(t, conn, "EXPLAIN SELECT id FROM items"+order, "[3,1]")
	if !strings.Contains(plan, "vector search") || !strings.Contains(plan, "items@ix") {
		t.Error(plan)
	}
	plan = value(t, conn, "EXPLAIN SELECT id FROM items WHERE v IS NOT NULL"+order, "[3,1]")
	if !strings.Contains(plan, "FULL SCAN") {
		t.Error(plan)
	}
}

func TestCatalogue(t *testing.T) {
	_, url := testFront(t, "25.4", nil)
	conn, _ := connect(t, url)
	items(t, conn)
	must(t, conn, "CREATE VECTOR INDEX IF NOT EXISTS px ON items (tenant, v vector_cosine_ops) WHERE v IS NOT NULL")
	must(t, conn, "CREATE VECTOR INDEX IF NOT EXISTS px ON items (v vector_l2_ops)") // by name only
	expect(t, "indexdef", value(t, conn, "SELECT indexdef FROM pg_indexes WHERE indexname = 'px'"),
		"CREATE INDEX px ON "+testDatabase+".public.items USING cspann (tenant, v vector_cosine_ops) WHERE (v IS NOT NULL)")
	expect(t, "indclass", value(t, conn, "SELECT indclass::text FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid WHERE c.relname = 'px'"), "0 0")
	expect(t, "indkey", value(t, conn, "SELECT indkey::text FROM pg_index WHERE indrelid = 'items'::regclass AND NOT indisprimary"), "2 3")
	expect(t, "pg_opclass", value(t, conn, "SELECT count(*) FROM pg_opclass"), "0")
	expect(t, "format_type", value(t, conn, `SELECT format_type(atttypid, atttypmod) || ' ' || atttypmod::text
		FROM pg_attribute WHERE attrelid = 'items'::regclass AND attname = 'v'`), "vector 2")
	expect(t, "type of a column", fmt.Sprint(fieldType(t, conn, "SELECT v FROM items")), fmt.Sprint(oidVector))
	expect(t, "SHOW INDEXES", value(t, conn, "SELECT column_name FROM [SHOW INDEXES FROM items] WHERE index_name = 'px'"), "tenant v")
	if got := value(t, conn, "SELECT create_statement FROM [SHOW CREATE TABLE items] AS s"); !strings.Contains(got, "VECTOR INDEX px") {
		t.Error(got)
	}
	must(t, conn, "DROP INDEX items@px")
	must(t, conn, "DROP INDEX IF EXISTS public.items@px")
	expect(t, "dropped", value(t, conn, "SELECT count(*) FROM pg_indexes WHERE indexname = 'px'"), "0")
}

func fieldType(t *testing.T, conn *pgx.Conn, sql string) uint32 {
	t.Helper()
	rows, err := conn.Query(context.Background(), sql)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	return rows.FieldDescriptions()[0].DataTypeOID
}

func TestKeys(t *testing.T) {
	_, url := testFront(t, "25.4", nil)
	conn, _ := connect(t, url)
	const columns = `SELECT a.attname FROM pg_index i JOIN pg_attribute a
		ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
		WHERE i.indisprimary AND i.indrelid = $1::regclass ORDER BY array_position(i.indkey::int2[], a.attnum)`
	for name, one := range map[string][2]string{
		"k1": {"(a INT, b TEXT)", "rowid"},
		"k2": {"(a INT, b TEXT, PRIMARY KEY (b, a) USING HASH)", "crdb_internal_b_a_shard_16 b a"},
		"k3": {"(a INT PRIMARY KEY, b TEXT) LOCALITY REGIONAL BY ROW", "crdb_region a"},
	} {
		must(t, conn, "DROP TABLE IF EXISTS "+name)
		must(t, conn, "CREATE TABLE "+name+" "+one[0])
		must(t, conn, "INSERT INTO "+name+" (a, b) VALUES (1, 'x'), (2, 'y')")
		expect(t, name, value(t, conn, columns, name), one[1])
		hidden, _, _ := strings.Cut(one[1], " ")
		expect(t, name+" hidden", value(t, conn, `SELECT attname FROM pg_attribute
			WHERE attrelid = $1::regclass AND attishidden`, name), hidden)
	}
}

func TestYoungColumn(t *testing.T) {
	_, url := testFront(t, "25.4", nil)
	conn, _ := connect(t, url)
	items(t, conn)
	const read = "SELECT id, tenant FROM items AS OF SYSTEM TIME follower_read_timestamp() WHERE id = 3"
	refused(t, conn, read, "42P01", "does not exist")
	time.Sleep(1100 * time.Millisecond)
	expect(t, "an old table", value(t, conn, read), "3")
	must(t, conn, "ALTER TABLE items ADD COLUMN IF NOT EXISTS w VECTOR(3)")
	refused(t, conn, strings.Replace(read, "tenant", "w", 1), "42703", `column "w" does not exist`)
	expect(t, "the others", value(t, conn, read), "3")
}

func TestSchemaChangeInTransaction(t *testing.T) {
	_, url := testFront(t, "25.4", nil)
	conn, seen := connect(t, url)
	items(t, conn)
	must(t, conn, "BEGIN")
	must(t, conn, "INSERT INTO items VALUES (100)")
	must(t, conn, "ALTER TABLE items ADD COLUMN w INT")
	must(t, conn, "ROLLBACK")
	expect(t, "committed before", value(t, conn, "SELECT count(*) FROM items WHERE id = 100"), "1")
	if all := strings.Join(*seen, "\n"); !strings.Contains(all, "auto-committing transaction before processing DDL") ||
		!strings.Contains(all, "no transaction in progress") {
		t.Error(all)
	}
}

func TestJobOutlivesClient(t *testing.T) {
	f, url := testFront(t, "25.2", nil)
	f.vectorIndexes.Store(true)
	conn, _ := connect(t, url)
	other, _ := connect(t, url)
	items(t, conn)
	f.jobs.extra.Store(int64(time.Second))
	ctx, stop := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer stop()
	if _, err := conn.Exec(ctx, "CREATE VECTOR INDEX ix ON items (v)"); err == nil {
		t.Fatal("it did not wait")
	}
	conn.Close(context.Background())
	const status = "SELECT status FROM [SHOW JOBS] WHERE description LIKE '%ix ON items%' ORDER BY created DESC LIMIT 1"
	expect(t, "job", value(t, other, status), "running")
	expect(t, "not in the catalogue yet", value(t, other, "SELECT count(*) FROM pg_indexes WHERE indexname = 'ix'"), "0")
	refused(t, other, "UPDATE items SET v = NULL WHERE id = 3", "0A000", "Cannot write to a vector index while it is being built")
	must(t, other, "UPDATE items SET tenant = 'x' WHERE id = 3")
	must(t, other, "CREATE VECTOR INDEX IF NOT EXISTS ix ON items (v)") // waits for the other one
	expect(t, "job", value(t, other, status[:len(status)-1]+"1 OFFSET 1"), "succeeded")
	expect(t, "one index", value(t, other, "SELECT count(*) FROM pg_indexes WHERE indexname = 'ix'"), "1")
	must(t, other, "UPDATE items SET v = NULL WHERE id = 3")
}

func TestSettings(t *testing.T) {
	_, url := testFront(t, "25.4", nil)
	conn, _ := connect(t, url+"&options=--cluster%3Dabc%20-cvector_search_beam_size%3D77&application_name=x")
	expect(t, "from the URL", value(t, conn, "SHOW vector_search_beam_size"), "77")
	must(t, conn, "SET vector_search_beam_size = 99")
	expect(t, "set", value(t, conn, "SHOW vector_search_beam_size"), "99")
	must(t, conn, "RESET ALL")
	expect(t, "reset", value(t, conn, "SHOW vector_search_beam_size"), "77")
	if got := value(t, conn, "SELECT version()"); !strings.HasPrefix(got, "CockroachDB") {
		t.Error(got)
	}
	items(t, conn)
	must(t, conn, "SET default_transaction_read_only = on")
	refused(t, conn, "CREATE VECTOR INDEX ON items (v)", "25006", "read-only transaction")
	refused(t, conn, "UPDATE items SET v = NULL", "25006", "read-only transaction")
	must(t, conn, "SET default_transaction_read_only = off")
	must(t, conn, "SET inject_retry_errors_enabled = true")
	must(t, conn, "BEGIN")
	if err := protocols["extended"](conn, "SELECT 1"); err == nil || !strings.Contains(err.Error(), "injected by") {
		t.Errorf("%v", err)
	}
}

func TestCopy(t *testing.T) {
	_, url := testFront(t, "25.4", nil)
	conn, _ := connect(t, url)
	items(t, conn)
	n, err := conn.PgConn().CopyFrom(context.Background(), strings.NewReader("7,t7,\"[1,2]\"\n8,t8,\"[3,4]\"\n"),
		"COPY items FROM STDIN WITH (FORMAT CSV)")
	if err != nil || n.RowsAffected() != 2 {
		t.Errorf("%v %v", n, err)
	}
	expect(t, "rows", value(t, conn, "SELECT count(*) FROM items"), "8")
}

func TestPrivileges(t *testing.T) {
	_, url := testFront(t, "25.4", nil)
	conn, _ := connect(t, url)
	items(t, conn)
	expect(t, "an admin", value(t, conn, "SELECT count(*) FROM [SHOW RANGES FROM TABLE items WITH DETAILS]"), "1")
	must(t, conn, "DROP ROLE IF EXISTS crdb_front_plain")
	must(t, conn, "CREATE ROLE crdb_front_plain")
	must(t, conn, "SET ROLE crdb_front_plain")
	refused(t, conn, "SHOW RANGES FROM TABLE items WITH DETAILS", "42501", "ZONECONFIG")
	must(t, conn, "RESET ROLE")
	must(t, conn, "DROP ROLE crdb_front_plain")
}

func TestLockedSchema(t *testing.T) {
	_, url := testFront(t, "26.1", func(o *options) { o.strictLock = true })
	conn, _ := connect(t, url)
	items(t, conn)
	refused(t, conn, "ALTER TABLE items ADD COLUMN w INT", "57000", "cannot automatically unlock the table")
	must(t, conn, "ALTER TABLE items SET (schema_locked = false)")
	must(t, conn, "ALTER TABLE items ADD COLUMN w INT")
}

// faultOn runs a write into a fault; it says the error's code ("" for a lost connection without a
// word) and whether the write was done.
func faultOn(t *testing.T, f *front, url, kind string, run func(*pgx.Conn, string) error) (string, string) {
	t.Helper()
	conn, _ := connect(t, url)
	items(t, conn)
	if err := f.faults.add(&fault{Kind: kind, On: "write", Count: 1}); err != nil {
		t.Fatal(err)
	}
	err := run(conn, "UPDATE items SET tenant = 'new' WHERE id = 1")
	f.faults.clear()
	code := ""
	var e *pgconn.PgError
	if errors.As(err, &e) {
		code = e.Code
	} else if err == nil {
		code = "none"
	}
	after, _ := connect(t, url)
	return code, value(t, after, "SELECT tenant FROM items WHERE id = 1")
}

func TestFaults(t *testing.T) {
	f, url := testFront(t, "25.4", nil)
	for protocol, run := range protocols {
		for kind, want := range map[string][2]string{
			faultError:    {"40001", "t1"},
			faultApplied:  {"40003", "new"},
			faultLost:     {"40003", "t1"},
			faultBefore:   {"", "t1"},
			faultMiddle:   {"", "new"},
			faultAfter:    {"", "new"},
			faultShutdown: {"57P01", "t1"},
			faultStall:    {"none", "new"},
		} {
			code, tenant := faultOn(t, f, url, kind, run)
			expect(t, protocol+" "+kind+" code", code, want[0])
			expect(t, protocol+" "+kind+" row", tenant, want[1])
		}
	}
}

func TestFaultAtCommit(t *testing.T) {
	f, url := testFront(t, "25.4", nil)
	conn, _ := connect(t, url)
	for kind, want := range map[string]string{faultError: "t1", faultLost: "t1", faultApplied: "new"} {
		for _, run := range protocols {
			items(t, conn)
			must(t, conn, "BEGIN")
			must(t, conn, "UPDATE items SET tenant = 'new' WHERE id = 1")
			f.faults.add(&fault{Kind: kind, On: "commit", Count: 1})
			if err := run(conn, "COMMIT"); err == nil {
				t.Errorf("%s: no error", kind)
			}
			f.faults.clear()
			expect(t, kind, value(t, conn, "SELECT tenant FROM items WHERE id = 1"), want)
		}
	}
}

func TestDrainAndDown(t *testing.T) {
	f, url := testFront(t, "25.4", nil)
	conn, _ := connect(t, url)
	f.drain(300 * time.Millisecond)
	_, err := conn.Exec(context.Background(), "SELECT 1")
	var e *pgconn.PgError
	if !errors.As(err, &e) || e.Code != "57P01" || e.Message != "server is shutting down" {
		t.Errorf("%v", err)
	}
	_, err = pgx.Connect(context.Background(), url)
	if !errors.As(err, &e) || e.Message != "server is not accepting clients, try another node" {
		t.Errorf("%v", err)
	}
	time.Sleep(400 * time.Millisecond)
	conn, _ = connect(t, url)
	f.faults.until(&f.faults.downUntil, 300*time.Millisecond)
	f.drop()
	if _, err = conn.Exec(context.Background(), "SELECT 1"); err == nil {
		t.Error("still there")
	}
	if _, err = pgx.Connect(context.Background(), url); err == nil {
		t.Error("got in")
	}
	time.Sleep(400 * time.Millisecond)
	connect(t, url)
}

func TestPipelineAndCancel(t *testing.T) {
	f, url := testFront(t, "25.4", nil)
	conn, _ := connect(t, url)
	items(t, conn)
	f.slow.latency.Store(int64(20 * time.Millisecond))
	batch := &pgx.Batch{}
	for i := 0; i < 200; i++ {
		batch.Queue("SELECT id FROM items WHERE id = $1", i%6+1)
	}
	began := time.Now()
	if err := conn.SendBatch(context.Background(), batch).Close(); err != nil {
		t.Fatal(err)
	}
	if d := time.Since(began); d < 40*time.Millisecond || d >= 8*time.Second { // one by one: 200 times 40 ms
		t.Errorf("200 statements in one pipeline took %v at 20 ms each way", d)
	}
	f.slow.latency.Store(0)
	go func() {
		time.Sleep(100 * time.Millisecond)
		conn.PgConn().CancelRequest(context.Background())
	}()
	began = time.Now()
	_, err := conn.Exec(context.Background(), "SELECT pg_sleep(10)")
	var e *pgconn.PgError
	if !errors.As(err, &e) || e.Code != "57014" || time.Since(began) > 5*time.Second {
		t.Errorf("cancel: %v after %v", err, time.Since(began))
	}
}
