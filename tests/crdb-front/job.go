// SPDX-License-Identifier: Apache-2.0

// Schema changes. CockroachDB does them in jobs that go on when the client is gone; so does the
// front, on connections of its own.

package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
)

// plan is what a schema change does on the server behind.
type plan struct {
	description string
	table       string                                 // changes of one table come one after the other
	builds      *buildTarget                           // a vector index that is built
	sql         []string                               // each on its own
	record      func(context.Context, *pgx.Conn) error // afterwards, in the front's schema
	unwind      string                                 // when it failed
}

// buildTarget is a table whose vector index is being built.
type buildTarget struct {
	oid    uint32
	column string
}

type planner func() (*plan, *sqlError)

type job struct {
	id     int64
	plan   *plan
	again  planner
	done   chan struct{}
	err    *sqlError // once done
	cancel context.CancelFunc
}

type jobs struct {
	extra atomic.Int64 // nanoseconds that every job takes longer
	mu    sync.Mutex
	live  map[int64]*job
	locks map[string]*sync.Mutex
}

func newJobs(extra time.Duration) *jobs {
	j := &jobs{live: map[int64]*job{}, locks: map[string]*sync.Mutex{}}
	j.extra.Store(int64(extra))
	return j
}

// building says whether a vector index over this column is being built; "" is any column.
func (j *jobs) building(oid uint32, columns map[string]bool) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, one := range j.live {
		b := one.plan.builds
		if b != nil && b.oid == oid && (columns == nil || columns[b.column]) {
			return true
		}
	}
	return false
}

func (j *jobs) lockOf(table string) *sync.Mutex {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.locks[table] == nil {
		j.locks[table] = &sync.Mutex{}
	}
	return j.locks[table]
}

// start begins a job; it does not wait for it. When its turn comes it plans again: what ran before
// it may have done it already.
func (j *jobs) start(c *catalog, p *plan, again planner, user, path string, bad *fault) (*job, error) {
	ctx, cancel := context.WithCancel(context.Background())
	one := &job{plan: p, again: again, done: make(chan struct{}), cancel: cancel}
	err := c.use(func(ctx context.Context, conn *pgx.Conn) error {
		// Ids are large and grow, as CockroachDB's; the last digits are a counter.
		return conn.QueryRow(ctx, `INSERT INTO crdb_front.jobs
			SELECT 1100000000000000000 + (extract(epoch FROM now()) * 1000)::int8 * 10000
			       + nextval('crdb_front.job_ids') % 10000,
			       'NEW SCHEMA CHANGE', $1, $2, 'running', NULL, now(), now(), NULL, now(), 0, '', 1
			RETURNING job_id`, p.description, user).Scan(&one.id)
	})
	if err != nil {
		cancel()
		return nil, err
	}
	j.mu.Lock()
	j.live[one.id] = one
	j.mu.Unlock()
	go j.work(ctx, c, one, user, path, bad)
	return one, nil
}

func (j *jobs) work(ctx context.Context, c *catalog, one *job, user, path string, bad *fault) {
	lock := j.lockOf(c.database + "/" + one.plan.table)
	lock.Lock()
	defer lock.Unlock()
	err := j.wait(ctx, c, one)
	if err == nil && bad != nil {
		err = bad.error()
	}
	if err == nil {
		var p *plan
		if p, err = one.again(); err == nil {
			err = c.runPlan(ctx, p, user, path)
		}
	}
	status, text := "succeeded", ""
	if err != nil {
		status, text = "failed", err.message
		if ctx.Err() != nil {
			status = "canceled"
			err = refuse("XXUUU", "job canceled by user")
		}
	}
	// Before it is told: whoever waits sees the end in SHOW JOBS at once.
	c.exec(`UPDATE crdb_front.jobs SET status = $2, error = $3, finished = now(), modified = now(),
		fraction_completed = CASE WHEN $2 = 'succeeded' THEN 1 ELSE fraction_completed END
		WHERE job_id = $1`, one.id, status, text)
	j.mu.Lock()
	delete(j.live, one.id)
	j.mu.Unlock()
	one.err = err
	close(one.done)
}

// wait lets the extra time pass and shows progress meanwhile.
func (j *jobs) wait(ctx context.Context, c *catalog, one *job) *sqlError {
	const steps = 10
	for i := 0; i < steps; i++ {
		extra := time.Duration(j.extra.Load()) / steps
		if extra == 0 {
			break
		}
		select {
		case <-time.After(extra):
		case <-ctx.Done():
			return refuse("XXUUU", "job canceled by user")
		}
		c.exec(`UPDATE crdb_front.jobs SET fraction_completed = $2, modified = now() WHERE job_id = $1`,
			one.id, float64(i+1)/(steps+1))
	}
	return nil
}

// runPlan does the statements as the user who sent them.
func (c *catalog) runPlan(ctx context.Context, p *plan, user, path string) *sqlError {
	config := c.front.upstream.Copy()
	config.Database = c.database
	config.RuntimeParams["application_name"] = "crdb-front job"
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return refuse("XX000", "front: %v", err)
	}
	defer conn.Close(context.Background())
	setup := []string{
		"SET SESSION AUTHORIZATION " + pgx.Identifier{user}.Sanitize(),
		"SELECT set_config('search_path', " + quoteLiteral(path) + ", false)",
	}
	for _, sql := range append(setup, p.sql...) {
		if _, err := conn.Exec(ctx, sql, pgx.QueryExecModeSimpleProtocol); err != nil {
			if p.unwind != "" {
				conn.Exec(context.Background(), p.unwind, pgx.QueryExecModeSimpleProtocol)
			}
			return fromServer(err)
		}
	}
	if p.record == nil {
		return nil
	}
	if err := c.use(p.record); err != nil {
		return fromServer(err)
	}
	return nil
}

func fromServer(err error) *sqlError {
	if e, ok := err.(*pgconn.PgError); ok {
		return &sqlError{code: e.Code, message: e.Message, detail: e.Detail, hint: e.Hint}
	}
	return refuse("XX000", "%v", err)
}

func quoteLiteral(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// change does a schema change: it commits what is open, runs, and is waited for.
func (s *session) change(st *statement, sink func(message)) outcome {
	if s.txn == 'E' {
		return s.answerError(st, refuse("25P02",
			"current transaction is aborted, commands ignored until end of transaction block"), "front")
	}
	if st.extended {
		s.syncSilently()
	}
	if s.ask("SELECT pg_catalog.current_setting('transaction_read_only')") == "on" {
		return s.answerError(st, refuse("25006", "cannot execute %s in a read-only transaction", st.tag), "front")
	}
	if s.txn == 'T' {
		sink(messageOf(notice("00000", "auto-committing transaction before processing DDL due to "+
			"autocommit_before_ddl setting")))
		if o := s.silently("COMMIT"); o.err != nil {
			return s.answerError(st, o.err, "server")
		}
	}
	if st.change == nil {
		o := s.sendSimple(st, sink)
		if o.err == nil && st.done != nil {
			st.done()
		}
		return o
	}
	p, e := st.change()
	if e != nil {
		return s.answerError(st, e, "front")
	}
	return s.runJob(st, p, sink)
}

func messageOf(e encoder) message {
	b, err := e.Encode(nil)
	if err != nil {
		panic(err)
	}
	return message{b[0], b[5:]}
}

func (s *session) runJob(st *statement, p *plan, sink func(message)) outcome {
	timeout := s.timeout()
	path := s.ask("SELECT pg_catalog.current_setting('search_path')")
	one, err := s.front.jobs.start(s.catalog, p, st.change, s.user, path, st.jobFault)
	if err != nil {
		return s.answerError(st, refuse("XX000", "front: %v", err), "front")
	}
	if s.front.persona.jobNotice {
		sink(messageOf(notice("00000", fmt.Sprintf("waiting for job(s) to complete: %d\n"+
			"If the statement is canceled, jobs will continue in the background.", one.id))))
		s.client.w.Flush()
	}
	select {
	case <-s.cancelled: // meant for an earlier one
	default:
	}
	s.waiting.Store(true)
	defer s.waiting.Store(false)
	select {
	case <-one.done:
		if one.err != nil {
			return s.answerError(st, one.err, "server")
		}
	case <-s.cancelled:
		return s.answerError(st, refuse("57014", "query execution canceled"), "front")
	case <-timeout:
		return s.answerError(st, refuse("57014", "query execution canceled due to statement timeout"), "front")
	case <-s.slow.done:
		s.lost = true
		return outcome{err: refuse("08006", "the client is gone; job %d goes on", one.id), by: "front"}
	}
	sink(messageOf(&pgproto3.CommandComplete{CommandTag: []byte(st.tag)}))
	return outcome{tag: st.tag, by: "server"}
}

// timeout fires when the session's statement_timeout is over; nil: there is none.
func (s *session) timeout() <-chan time.Time {
	d, err := time.ParseDuration(s.ask("SELECT setting || 'ms' FROM pg_catalog.pg_settings " +
		"WHERE name = 'statement_timeout'"))
	if err != nil || d == 0 {
		return nil
	}
	return time.After(d)
}

// ask gives the first value that a query of the front's own gives, in the client's session.
func (s *session) ask(sql string) string {
	value := ""
	q, _ := (&pgproto3.Query{String: sql}).Encode(nil)
	s.server.w.Write(q)
	s.toServer()
	s.relay(func(m message) {
		var row pgproto3.DataRow
		if m.kind == 'D' && row.Decode(m.body) == nil && len(row.Values) > 0 {
			value = string(row.Values[0])
		}
	}, "Z")
	return value
}
