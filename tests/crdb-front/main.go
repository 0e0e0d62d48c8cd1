// SPDX-License-Identifier: Apache-2.0

// crdb-front stands before a PostgreSQL server with pgvector and behaves like CockroachDB: every
// statement is held against CockroachDB's own grammar, what CockroachDB refuses is refused, what it
// answers otherwise is answered so, and faults come when a test wants them. It is for tests only.
// docs/cockroachdb.md says what it does and what it cannot show.
//
//	crdb-front -upstream postgresql://super@127.0.0.1:5432/test -persona 25.4 -listen 127.0.0.1:0
//
// It prints one line when it is ready: "listening ADDRESS control ADDRESS".

package main

import (
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// front is all that sessions share.
type front struct {
	persona          *persona
	upstream         *pgx.ConnConfig
	network, address string // of the server behind
	followerLag      time.Duration
	strictLock       bool // schema_locked tables are not unlocked by themselves

	faults  *faults
	slow    network
	journal journal
	jobs    *jobs
	tally   tally

	vectorIndexes   atomic.Bool // feature.vector_index.enabled
	nextSession     atomic.Int64
	nextTransaction atomic.Int64

	mu       sync.Mutex
	sessions map[*session]bool
	catalogs map[string]*catalog
}

type options struct {
	upstream, persona, listen, control, log string
	seed                                    int64
	latency, followerLag, jobTime           time.Duration
	strictLock                              bool
}

func main() {
	var o options
	flag.StringVar(&o.upstream, "upstream", "", "URL of the server behind, for a superuser")
	flag.StringVar(&o.persona, "persona", "25.4", "version to be: 25.2, 25.3, 25.4, 26.1")
	flag.StringVar(&o.listen, "listen", "127.0.0.1:0", "address for clients, or a path ending in .s.PGSQL.port")
	flag.StringVar(&o.control, "control", "127.0.0.1:0", "address of the control connection (HTTP)")
	flag.StringVar(&o.log, "log", "", "file for the statement log, JSON lines")
	flag.Int64Var(&o.seed, "seed", 1, "seed of faults that come by chance")
	flag.DurationVar(&o.latency, "latency", 0, "of the network, each way")
	flag.DurationVar(&o.followerLag, "follower-lag", 4200*time.Millisecond, "age of follower_read_timestamp()")
	flag.DurationVar(&o.jobTime, "job-time", 0, "every schema change takes so much longer")
	flag.BoolVar(&o.strictLock, "strict-lock", false, "locked tables are not unlocked by themselves")
	flag.Parse()
	if err := run(&o); err != nil {
		fmt.Fprintln(os.Stderr, "crdb-front:", err)
		os.Exit(1)
	}
}

func run(o *options) error {
	f, err := newFront(o)
	if err != nil {
		return err
	}
	listener, err := listenOn(o.listen)
	if err != nil {
		return err
	}
	control, err := net.Listen("tcp", o.control)
	if err != nil {
		return err
	}
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGINT, syscall.SIGTERM)
	go f.serveControl(control, ended)
	go f.accept(listener)
	fmt.Printf("listening %s control %s\n", listener.Addr(), control.Addr())
	<-ended
	listener.Close()
	return nil
}

func newFront(o *options) (*front, error) {
	p, err := findPersona(o.persona)
	if err != nil {
		return nil, err
	}
	upstream, err := pgx.ParseConfig(o.upstream)
	if err != nil {
		return nil, err
	}
	f := &front{
		persona: p, upstream: upstream, followerLag: o.followerLag, strictLock: o.strictLock,
		faults: newFaults(o.seed), jobs: newJobs(o.jobTime),
		sessions: map[*session]bool{}, catalogs: map[string]*catalog{},
	}
	f.network, f.address = "tcp", fmt.Sprintf("%s:%d", upstream.Host, upstream.Port)
	if filepath.IsAbs(upstream.Host) {
		f.network, f.address = "unix", fmt.Sprintf("%s/.s.PGSQL.%d", upstream.Host, upstream.Port)
	}
	f.slow.latency.Store(int64(o.latency))
	f.vectorIndexes.Store(p.vectorIndexDefault)
	if o.log != "" {
		file, err := os.OpenFile(o.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
		if err != nil {
			return nil, err
		}
		f.journal.w = io.Writer(file)
	}
	_, err = f.catalogOf(upstream.Database)
	return f, err
}

func listenOn(address string) (net.Listener, error) {
	if filepath.IsAbs(address) {
		return net.Listen("unix", address)
	}
	return net.Listen("tcp", address)
}

func (f *front) accept(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		if f.faults.isDown() {
			conn.Close()
			continue
		}
		slow := newSlowConn(conn, &f.slow)
		s := &session{
			front: f, id: f.nextSession.Add(1), slow: slow, client: newWire(slow),
			path:       []string{"public"},
			statements: map[string]*statement{}, portals: map[string]*bound{},
			cancelled: make(chan struct{}, 1),
		}
		go func() {
			s.serve()
			f.leave(s)
		}()
	}
}

func (f *front) join(s *session) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sessions[s] = true
	f.tally.Sessions++
}

func (f *front) leave(s *session) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.sessions, s)
}

// cancel does a cancel request: a session that waits for a job stops waiting, any other one has
// its statement cancelled on the server behind.
func (f *front) cancel(key []byte) {
	f.mu.Lock()
	var target *session
	for s := range f.sessions {
		if string(s.keyData[:]) == string(key) {
			target = s
		}
	}
	f.mu.Unlock()
	if target == nil {
		return
	}
	if target.waiting.Load() {
		select {
		case target.cancelled <- struct{}{}:
		default:
		}
		return
	}
	f.cancelUpstream(key)
}

func (f *front) cancelUpstream(key []byte) {
	conn, err := net.Dial(f.network, f.address)
	if err != nil {
		return
	}
	defer conn.Close()
	request := append([]byte{0x04, 0xd2, 0x16, 0x2e}, key...)
	if newWire(conn).writeStartup(request) == nil {
		io.Copy(io.Discard, conn) // the server closes when it has done it
	}
}

// drop cuts every connection, as a crash of the server does.
func (f *front) drop() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for s := range f.sessions {
		s.slow.Conn.Close()
		s.server.conn.Close()
	}
}
