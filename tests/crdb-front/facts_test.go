// SPDX-License-Identifier: Apache-2.0

package main

// The rest of what CockroachDB does otherwise, fact by fact, before a real server (front_test.go).

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// binaryVectorOf is [1,0] as vector_send writes it.
func binaryVectorOf() []byte {
	b := []byte{0, 2, 0, 0}
	b = binary.BigEndian.AppendUint32(b, math.Float32bits(1))
	return binary.BigEndian.AppendUint32(b, 0)
}

func TestBinaryVectors(t *testing.T) {
	for _, p := range personas {
		_, url := testFront(t, p.name, nil)
		conn, _ := connect(t, url)
		items(t, conn)
		r := conn.PgConn().ExecParams(context.Background(), "UPDATE items SET v = $1 WHERE id = 1",
			[][]byte{binaryVectorOf()}, []uint32{oidVector}, []int16{1}, nil).Read()
		var e *pgconn.PgError
		refused := errors.As(r.Err, &e) && e.Code == "08P01" && strings.Contains(e.Message, "unsupported OID 90006")
		if refused == p.binaryVectors {
			t.Errorf("%s: %v", p.name, r.Err)
		}
	}
}

func TestPlaceholders(t *testing.T) {
	_, url := testFront(t, "25.4", nil)
	conn, _ := connect(t, url)
	must(t, conn, "SELECT $1::INT8", 1)
	if err := protocols["extended"](conn, "SELECT $70000::INT8"); err == nil {
		t.Error("parameter 70,000 was taken")
	}
	expect(t, "after it", value(t, conn, "SELECT 7"), "7")
}

func TestUnsizedVectorColumn(t *testing.T) {
	_, url := testFront(t, "25.4", nil)
	conn, _ := connect(t, url)
	must(t, conn, "DROP TABLE IF EXISTS unsized")
	must(t, conn, "CREATE TABLE unsized (id INT PRIMARY KEY, v VECTOR)")
	refused(t, conn, "CREATE VECTOR INDEX ON unsized (v)", "0A000", "does not have a fixed number of dimensions")
	refused(t, conn, "CREATE INDEX ON unsized USING ivfflat (v)", "42601", "unrecognized access method")
}

func TestDropDatabase(t *testing.T) {
	_, url := testFront(t, "25.4", nil)
	conn, _ := connect(t, url)
	for range 2 { // the second time, nothing of the first is remembered
		must(t, conn, "DROP DATABASE IF EXISTS crdb_front_gone")
		must(t, conn, "CREATE DATABASE crdb_front_gone")
		inside, _ := connect(t, strings.Replace(url, testDatabase, "crdb_front_gone", 1))
		must(t, inside, "CREATE TABLE t (id INT PRIMARY KEY, v VECTOR(3))")
		must(t, conn, "DROP DATABASE crdb_front_gone CASCADE")
	}
	expect(t, "what is left", value(t, conn, "SELECT count(*) FROM pg_database WHERE datname = 'crdb_front_gone'"), "0")
}

func TestFunctionOfATrigger(t *testing.T) {
	_, url := testFront(t, "25.4", nil)
	conn, _ := connect(t, url)
	items(t, conn)
	const function = ` FUNCTION front_f() RETURNS TRIGGER LANGUAGE PLpgSQL AS $$ BEGIN RETURN NEW; END $$`
	must(t, conn, "DROP FUNCTION IF EXISTS front_f")
	must(t, conn, "CREATE"+function)
	must(t, conn, "CREATE OR REPLACE"+function)
	must(t, conn, "CREATE TRIGGER front_t BEFORE UPDATE ON items FOR EACH ROW EXECUTE FUNCTION front_f()")
	refused(t, conn, "CREATE OR REPLACE"+function, "0A000", "cannot replace a trigger function")
	expect(t, "SHOW TRIGGERS", value(t, conn, "SELECT trigger_name FROM [SHOW TRIGGERS FROM items]"), "front_t")
	must(t, conn, "DROP TRIGGER front_t ON items")
	must(t, conn, "DROP FUNCTION front_f")
}

func TestShowColumns(t *testing.T) {
	_, url := testFront(t, "26.1", nil)
	conn, _ := connect(t, url)
	items(t, conn)
	for sql, want := range map[string]string{
		"SHOW JOBS": "job_id job_type description user_name status running_status created started " +
			"finished modified fraction_completed error coordinator_id",
		"SHOW CREATE TABLE items": "table_name create_statement",
	} {
		rows, err := conn.Query(context.Background(), sql)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, f := range rows.FieldDescriptions() {
			names = append(names, f.Name)
		}
		rows.Close()
		expect(t, sql, strings.Join(names, " "), want)
	}
}

func TestFailedJob(t *testing.T) {
	f, url := testFront(t, "25.4", nil)
	conn, _ := connect(t, url)
	items(t, conn)
	if err := f.faults.add(&fault{Kind: faultJobFailed, On: "schema", Match: "VECTOR", Count: 1, Code: "53100", Text: "disk is full"}); err != nil {
		t.Fatal(err)
	}
	_, err := conn.Exec(context.Background(), "CREATE VECTOR INDEX failed_ix ON items (v)", pgx.QueryExecModeSimpleProtocol)
	var e *pgconn.PgError
	if !errors.As(err, &e) || e.Code != "53100" {
		t.Errorf("%v", err)
	}
	f.faults.clear()
	expect(t, "its state", value(t, conn, `SELECT status || ': ' || error FROM [SHOW JOBS]
		WHERE description LIKE '%failed_ix%' ORDER BY created DESC LIMIT 1`), "failed: disk is full")
	expect(t, "no index", value(t, conn, "SELECT count(*) FROM pg_indexes WHERE indexname = 'failed_ix'"), "0")
	must(t, conn, "CREATE VECTOR INDEX failed_ix ON items (v)")
}

func TestRefusedConnections(t *testing.T) {
	f, url := testFront(t, "25.4", nil)
	for _, code := range []string{"58C00", "58C01", "53200"} {
		conn, _ := connect(t, url)
		f.faults.add(&fault{Kind: faultError, On: "read", Count: 1, Code: code})
		err := protocols["simple"](conn, "SELECT 1")
		var e *pgconn.PgError
		if !errors.As(err, &e) || e.Code != code {
			t.Errorf("%s: %v", code, err)
		}
		f.faults.clear()
	}
	f.faults.until(&f.faults.fullUntil, 1e9)
	_, err := pgx.Connect(context.Background(), url)
	var e *pgconn.PgError
	if !errors.As(err, &e) || e.Code != "53300" {
		t.Errorf("%v", err)
	}
	f.faults.clear()
	connect(t, url)
}

func TestStall(t *testing.T) {
	f, url := testFront(t, "25.4", nil)
	conn, _ := connect(t, url)
	f.faults.add(&fault{Kind: faultStall, On: "read", Count: 1, Ms: 600000})
	done := make(chan error)
	go func() { done <- protocols["simple"](conn, "SELECT 1") }()
	for stalled := false; !stalled; {
		f.faults.mu.Lock()
		stalled = f.faults.list[0].Hits > 0
		f.faults.mu.Unlock()
	}
	f.faults.clear() // it goes on at once
	if err := <-done; err != nil {
		t.Error(err)
	}
}
