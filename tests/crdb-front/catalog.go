// SPDX-License-Identifier: Apache-2.0

// What the front knows of one database: tables, their columns and their vector indexes, read from
// the server behind when a statement needs them.

package main

import (
	"context"
	_ "embed"
	"sync"
	"time"

	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/sem/tree"
	"github.com/jackc/pgx/v5"
)

//go:embed setup.sql
var setupSQL string

type catalog struct {
	database  string
	vectorOID uint32 // of pgvector's type in this database
	arrayOID  uint32
	mu        sync.Mutex
	conn      *pgx.Conn
	front     *front
}

type column struct {
	number  int16
	name    string
	vector  bool
	dim     int32 // -1: no fixed number
	notNull bool
	typ     string
	hidden  bool
}

type index struct {
	oid       uint32
	name      string
	vector    bool
	primary   bool
	column    string   // of a vector index
	opclass   string   // of a vector index
	prefix    []string // of a vector index
	keys      []string
	predicate string // "" when it covers every row
}

type table struct {
	oid     uint32
	schema  string
	name    string
	columns []column
	indexes []index

	partitioned bool // PostgreSQL's own way, which builds no index beside writers
}

func (t *table) column(name string) *column {
	for i := range t.columns {
		if t.columns[i].name == name {
			return &t.columns[i]
		}
	}
	return nil
}

func (t *table) index(name string) *index {
	for i := range t.indexes {
		if t.indexes[i].name == name || (name == "primary" && t.indexes[i].primary) {
			return &t.indexes[i]
		}
	}
	return nil
}

// catalogOf connects to a database as the superuser and sets up the front's schema there, once.
func (f *front) catalogOf(database string) (*catalog, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if c := f.catalogs[database]; c != nil {
		return c, nil
	}
	c := &catalog{database: database, front: f}
	ctx, stop := context.WithTimeout(context.Background(), 20*time.Second)
	defer stop()
	if err := c.connect(ctx); err != nil {
		return nil, err
	}
	// Several fronts may start at once.
	setup := "BEGIN; SELECT pg_advisory_xact_lock(7209133); " + setupSQL + "; COMMIT"
	if _, err := c.conn.Exec(ctx, setup); err != nil {
		return nil, err
	}
	row := c.conn.QueryRow(ctx, `SELECT oid, typarray FROM pg_catalog.pg_type WHERE typname = 'vector'`)
	if err := row.Scan(&c.vectorOID, &c.arrayOID); err != nil {
		return nil, err
	}
	f.catalogs[database] = c
	return c, nil
}

// dropDatabase ends the sessions that are open there, the front's own too: none keeps CockroachDB
// from dropping a database.
func (st *statement) dropDatabase(n *tree.DropDatabase) *sqlError {
	n.DropBehavior = tree.DropDefault // CASCADE is what happens anyway
	st.text = tree.AsString(n) + " WITH (FORCE)"
	st.done = func() { st.session.front.forget(string(n.Name)) }
	return nil
}

func (f *front) forget(database string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.catalogs, database)
}

func (c *catalog) connect(ctx context.Context) error {
	config := c.front.upstream.Copy()
	config.Database = c.database
	config.RuntimeParams["application_name"] = "crdb-front"
	config.RuntimeParams["search_path"] = "public"
	conn, err := pgx.ConnectConfig(ctx, config)
	c.conn = conn
	return err
}

// use runs a function with the catalogue's connection, which is opened anew when it was lost.
func (c *catalog) use(work func(context.Context, *pgx.Conn) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	ctx, stop := context.WithTimeout(context.Background(), 60*time.Second)
	defer stop()
	if c.conn.IsClosed() {
		if err := c.connect(ctx); err != nil {
			return err
		}
	}
	return work(ctx, c.conn)
}

func (c *catalog) exec(sql string, args ...any) error {
	return c.use(func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, sql, args...)
		return err
	})
}

const lookupTable = `
SELECT c.oid, n.nspname, c.relname, c.relkind = 'p'
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relname = $1 AND n.nspname = ANY ($2::text[]) AND c.relkind IN ('r', 'p', 'v', 'm')
ORDER BY array_position($2::text[], n.nspname::text) LIMIT 1`

const lookupColumns = `
SELECT a.attnum, a.attname, t.typname = 'vector', a.atttypmod, a.attnotnull,
       pg_catalog.format_type(a.atttypid, a.atttypmod), h.relid IS NOT NULL
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN crdb_front.hidden_column h ON h.relid = a.attrelid AND h.attname = a.attname
WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`

const lookupIndexes = `
SELECT i.indexrelid, ic.relname, am.amname = 'hnsw', i.indisprimary, coalesce(a.attname, ''),
       oc.opcname, coalesce(v.prefix, '{}'),
       coalesce((SELECT array_agg(k.attname::text ORDER BY array_position(i.indkey::int2[], k.attnum))
                 FROM pg_catalog.pg_attribute k
                 WHERE k.attrelid = i.indrelid AND k.attnum = ANY (i.indkey)), '{}'),
       coalesce(pg_catalog.pg_get_expr(i.indpred, i.indrelid), '')
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
JOIN pg_catalog.pg_am am ON am.oid = ic.relam
JOIN pg_catalog.pg_opclass oc ON oc.oid = i.indclass[0]
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
LEFT JOIN crdb_front.vector_index v ON v.oid = i.indexrelid
WHERE i.indrelid = $1 AND i.indisvalid ORDER BY i.indexrelid`

// table finds a table by its name; schema may be "", then the path counts. nil: there is none.
func (c *catalog) table(schema, name string, path []string) (*table, error) {
	if schema != "" {
		path = []string{schema}
	}
	t := &table{}
	err := c.use(func(ctx context.Context, conn *pgx.Conn) error {
		if err := conn.QueryRow(ctx, lookupTable, name, path).Scan(&t.oid, &t.schema, &t.name, &t.partitioned); err != nil {
			return err
		}
		return t.read(ctx, conn)
	})
	if err == pgx.ErrNoRows {
		return nil, nil
	}
	return t, err
}

func (t *table) read(ctx context.Context, conn *pgx.Conn) error {
	rows, err := conn.Query(ctx, lookupColumns, t.oid)
	if err != nil {
		return err
	}
	t.columns, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (column, error) {
		var c column
		err := r.Scan(&c.number, &c.name, &c.vector, &c.dim, &c.notNull, &c.typ, &c.hidden)
		return c, err
	})
	if err != nil {
		return err
	}
	if rows, err = conn.Query(ctx, lookupIndexes, t.oid); err != nil {
		return err
	}
	t.indexes, err = pgx.CollectRows(rows, func(r pgx.CollectableRow) (index, error) {
		var x index
		err := r.Scan(&x.oid, &x.name, &x.vector, &x.primary, &x.column, &x.opclass, &x.prefix,
			&x.keys, &x.predicate)
		return x, err
	})
	return err
}

// youngerThan says whether a table, or one of the columns named, came to be after the time that a
// read of the past looks at.
func (c *catalog) youngerThan(t *table, names map[string]bool, age time.Duration) (string, error) {
	young := ""
	err := c.use(func(ctx context.Context, conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, `SELECT attnum FROM crdb_front.born
			WHERE relid = $1 AND at > clock_timestamp() - make_interval(secs => $2)`, t.oid, age.Seconds())
		if err != nil {
			return err
		}
		numbers, err := pgx.CollectRows(rows, pgx.RowTo[int16])
		for _, n := range numbers {
			if n == 0 {
				young = t.name
			}
			for _, col := range t.columns {
				if col.number == n && names[col.name] && young == "" {
					young = col.name
				}
			}
		}
		return err
	})
	return young, err
}

const oidVectorArray = 90007

func (c *catalog) toServerType(oid uint32) uint32 {
	switch oid {
	case oidVector:
		return c.vectorOID
	case oidVectorArray:
		return c.arrayOID
	}
	return oid
}

func (c *catalog) toClientType(oid uint32) uint32 {
	switch oid {
	case c.vectorOID:
		return oidVector
	case c.arrayOID:
		return oidVectorArray
	}
	return oid
}

func (c *catalog) describeRows(m message) message {
	describeRowTypes(m.body, c.toClientType)
	return m
}

func (c *catalog) describeParameters(m message) message {
	describeParameterTypes(m.body, c.toClientType)
	return m
}
