// SPDX-License-Identifier: Apache-2.0

// Faults: what is to go wrong, when, and how it looks to the client.

package main

import (
	"fmt"
	"math/rand"
	"regexp"
	"slices"
	"sync"
	"time"
)

// Kinds of faults at a statement.
const (
	faultError     = "error"             // refused; what the transaction did is undone
	faultApplied   = "ambiguous-applied" // done and committed, and 40003 is answered
	faultLost      = "ambiguous-lost"    // not done, and 40003 is answered
	faultBefore    = "drop-before"       // connection lost, nothing was done
	faultMiddle    = "drop-mid"          // done and committed; lost in the middle of the answer
	faultAfter     = "drop-after"        // done and committed; lost before any answer
	faultStall     = "stall"             // the answer takes `ms` longer, or until the faults are cleared
	faultShutdown  = "shutdown"          // 57P01, and the connection is closed
	faultJobFailed = "job-fail"          // the schema change's job fails
)

type fault struct {
	ID    int     `json:"id"`
	Kind  string  `json:"kind"`
	On    string  `json:"on"` // any, read, write, schema, commit, begin
	Match string  `json:"match,omitempty"`
	After int     `json:"after,omitempty"` // statements that match and are let through first
	Every int     `json:"every,omitempty"` // of the rest, every n-th
	Count int     `json:"count,omitempty"` // at most so often; 0: no limit
	P     float64 `json:"p,omitempty"`     // by chance, with the seed of the front
	Code  string  `json:"code,omitempty"`
	Text  string  `json:"text,omitempty"`
	Ms    int     `json:"ms,omitempty"`
	Seen  int     `json:"seen"`
	Hits  int     `json:"hits"`

	pattern *regexp.Regexp
}

var faultTexts = map[string]string{
	"40001": "restart transaction: TransactionRetryWithProtoRefreshError: TransactionRetryError: " +
		"retry txn (RETRY_SERIALIZABLE - failed preemptive refresh)",
	"40003": "result is ambiguous: error=connection lost [exhausted]",
	"57P01": "server is shutting down",
	"58C00": "replica unavailable: unable to serve request",
	"58C01": "communication error: rpc error: code = Unavailable",
	"53300": "sorry, too many clients already",
	"53200": "memory budget exceeded: 20480 bytes requested",
	"57014": "query execution canceled",
}

type faults struct {
	mu     sync.Mutex
	list   []*fault
	next   int
	random *rand.Rand

	drainUntil time.Time // old sessions get 57P01, new ones are refused
	downUntil  time.Time // nobody gets in, without a word
	fullUntil  time.Time // 53300
}

func newFaults(seed int64) *faults {
	return &faults{random: rand.New(rand.NewSource(seed))}
}

func (f *fault) prepare() error {
	switch f.Kind {
	case faultError, faultApplied, faultLost, faultBefore, faultMiddle, faultAfter, faultStall,
		faultShutdown, faultJobFailed:
	default:
		return fmt.Errorf("no fault %q", f.Kind)
	}
	switch f.On {
	case "":
		f.On = "any"
	case "any", "read", "write", "schema", "commit", "begin":
	default:
		return fmt.Errorf("no class of statements %q", f.On)
	}
	switch {
	case f.Code != "":
	case f.Kind == faultApplied || f.Kind == faultLost:
		f.Code = "40003"
	case f.Kind == faultShutdown:
		f.Code = "57P01"
	case f.Kind == faultJobFailed:
		f.Code = "XXUUU"
	default:
		f.Code = "40001"
	}
	if f.Text == "" {
		f.Text = faultTexts[f.Code]
	}
	if f.Text == "" {
		f.Text = "injected by the front"
	}
	var err error
	f.pattern, err = regexp.Compile(f.Match)
	return err
}

func (f *fault) error() *sqlError { return &sqlError{code: f.Code, message: f.Text} }

// add takes a new fault; it gets a number.
func (fs *faults) add(f *fault) error {
	if err := f.prepare(); err != nil {
		return err
	}
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.next++
	f.ID = fs.next
	fs.list = append(fs.list, f)
	return nil
}

func (fs *faults) clear() {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.list = nil
	fs.drainUntil, fs.downUntil, fs.fullUntil = time.Time{}, time.Time{}, time.Time{}
}

// at says which fault hits this statement, if any.
func (fs *faults) at(s *session, st *statement) *fault {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if s.draining.Load() {
		return &fault{Kind: faultShutdown, Code: "57P01", Text: faultTexts["57P01"]}
	}
	for _, f := range fs.list {
		if !st.belongsTo(f.On, s.txn) || !f.pattern.MatchString(st.sql) {
			continue
		}
		f.Seen++
		if fs.hits(f) {
			f.Hits++
			return f
		}
	}
	return nil
}

func (fs *faults) hits(f *fault) bool {
	switch {
	case f.Count > 0 && f.Hits >= f.Count:
		return false
	case f.Seen <= f.After:
		return false
	case f.Every > 1 && (f.Seen-f.After)%f.Every != 0:
		return false
	case f.P > 0 && fs.random.Float64() >= f.P:
		return false
	}
	return true
}

// hold waits for the time of a stall; it ends when the faults are cleared.
func (fs *faults) hold(f *fault) {
	end := time.Now().Add(time.Duration(f.Ms) * time.Millisecond)
	for time.Now().Before(end) {
		fs.mu.Lock()
		there := slices.Contains(fs.list, f)
		fs.mu.Unlock()
		if !there {
			return
		}
		time.Sleep(min(time.Until(end), 20*time.Millisecond))
	}
}

// atConnect refuses a new session, or not.
func (fs *faults) atConnect() *sqlError {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	now := time.Now()
	switch {
	case now.Before(fs.drainUntil):
		return refuse("57P01", "server is not accepting clients, try another node")
	case now.Before(fs.fullUntil):
		return refuse("53300", "%s", faultTexts["53300"])
	}
	return nil
}

func (fs *faults) isDown() bool {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	return time.Now().Before(fs.downUntil)
}

// suffer does a statement that a fault hits.
func (s *session) suffer(f *fault, st *statement, send func(*statement, func(message)) outcome) outcome {
	injected := outcome{err: f.error(), by: "fault"}
	switch f.Kind {
	case faultError, faultLost:
		return s.undo(st, f.error())
	case faultApplied:
		if o := s.complete(st, send, nowhere); o.err != nil && o.err.code != "08006" {
			s.client.send(o.err.response())
			return o
		}
		s.client.send(f.error().response())
	case faultBefore:
		s.lost = true
	case faultMiddle:
		var answer []byte
		s.complete(st, send, func(m message) { answer = append(answer, m.bytes()...) })
		s.client.w.Write(answer[:len(answer)/2])
		s.lost = true
	case faultAfter:
		s.complete(st, send, nowhere)
		s.lost = true
	case faultShutdown:
		s.sayFatal(f.error())
	case faultStall:
		s.client.w.Flush()
		s.front.faults.hold(f)
		return s.plainly(st, send, s.toClient)
	case faultJobFailed:
		st.jobFault = f
		return s.plainly(st, send, s.toClient)
	}
	return injected
}

// plainly does a statement as without a fault.
func (s *session) plainly(st *statement, send func(*statement, func(message)) outcome, sink func(message)) outcome {
	if st.kind == kindSchema {
		return s.change(st, sink)
	}
	o := send(st, sink)
	if o.err == nil && st.done != nil {
		st.done()
	}
	return o
}

// complete does a statement and commits it when it is a transaction of its own.
func (s *session) complete(st *statement, send func(*statement, func(message)) outcome, sink func(message)) outcome {
	o := s.plainly(st, send, sink)
	if st.extended && !s.lost {
		s.syncSilently()
	}
	return o
}

// undo answers with an error; a COMMIT that fails so leaves no transaction behind.
func (s *session) undo(st *statement, e *sqlError) outcome {
	if st.kind == kindCommit && s.txn == 'T' {
		if st.extended {
			s.syncSilently()
		}
		s.silently("ROLLBACK")
	}
	o := s.answerError(st, e, "fault")
	return o
}
