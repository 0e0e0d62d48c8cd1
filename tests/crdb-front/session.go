// SPDX-License-Identifier: Apache-2.0

// One client's session: start-up, then the message pump. The front works in lockstep: each message
// of the client goes to the server alone and its answer is awaited, so that an answer can always be
// told to what it answers. The client may still send as far ahead as it likes.

package main

import (
	"errors"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
)

type session struct {
	front    *front
	id       int64
	slow     *slowConn
	client   *wire
	server   *wire
	user     string
	database string
	app      string
	path     []string // schemas in which names without one are looked up
	keyData  [8]byte  // of the server behind; the client's cancel request carries it
	catalog  *catalog

	txn         byte  // I, T or E, as the server behind said last
	transaction int64 // a number for the log
	settings    settings
	skip        bool // an error was sent: pass over everything until Sync
	lost        bool // nothing can be said to the client or the server any more
	statements  map[string]*statement
	portals     map[string]*bound
	cancelled   chan struct{} // a cancel request came while a job is waited for
	draining    atomic.Bool   // the next statement gets 57P01
	waiting     atomic.Bool   // for a job
}

// bound is a statement with the sizes of its parameters.
type bound struct {
	*statement
	bytes, parameters int
}

var errClosed = errors.New("the session is over")

// serve is the life of one connection.
func (s *session) serve() {
	defer s.client.conn.Close()
	ok, err := s.startup()
	if err != nil || !ok {
		return
	}
	defer s.server.conn.Close()
	for !s.lost {
		if s.client.r.Buffered() == 0 && s.client.w.Flush() != nil {
			return
		}
		m, err := s.client.read(maxMessage)
		var large *tooLarge
		switch {
		case errors.As(err, &large):
			s.tooLarge(large)
		case err != nil:
			return
		default:
			s.handle(m)
		}
	}
	s.client.w.Flush()
}

// tooLarge answers a message over the limit; the session goes on.
func (s *session) tooLarge(large *tooLarge) {
	e := refuse("08P01", "%s", large.Error())
	s.log(&statement{tag: string(large.kind)}, "simple", outcome{err: e, by: "front"}, large.size, 0, time.Now())
	if large.kind == 'Q' {
		s.abort()
		s.client.send(e.response())
		s.ready()
		return
	}
	if !s.skip {
		s.rejectExtended(e)
	}
}

// handle does one message of the client.
func (s *session) handle(m message) {
	if s.skip && m.kind != 'S' && m.kind != 'X' {
		return
	}
	switch m.kind {
	case 'Q':
		s.query(m)
	case 'P':
		s.parse(m)
	case 'B':
		s.bind(m)
	case 'E':
		s.execute(m)
	case 'D':
		s.describe(m)
	case 'C':
		s.closeNamed(m)
	case 'H':
		s.client.w.Flush()
	case 'S':
		s.skip = false
		s.toServer(m)
		s.relay(s.toClient, "Z")
		s.ready()
	case 'X':
		s.toServer(m)
		s.lost = true
	case 'd', 'c', 'f': // the rest of a COPY that failed
	default:
		s.rejectExtended(refuse("08P01", "unrecognized client message type %q", m.kind))
	}
}

// toServer sends a message at once.
func (s *session) toServer(messages ...message) {
	for _, m := range messages {
		s.server.write(m)
	}
	if s.server.w.Flush() != nil {
		s.lost = true
	}
}

// toClient puts a message of the server into the client's buffer, as CockroachDB would say it.
func (s *session) toClient(m message) {
	switch m.kind {
	case 'T':
		m = s.catalog.describeRows(m)
	case 't':
		m = s.catalog.describeParameters(m)
	case 'E':
		m = translateError(m)
	case 'A':
		return
	case 'S':
		s.status(m)
		return
	}
	s.client.write(m)
}

func nowhere(message) {}

// relay passes on what the server says up to a message of one of the kinds in `last`; a
// ReadyForQuery is only noted. The outcome holds the last tag and the first error.
func (s *session) relay(sink func(message), last string) outcome {
	result := outcome{by: "server"}
	for {
		m, err := s.server.read(0)
		if err != nil {
			s.lost = true
			if result.err == nil {
				result.err = refuse("08006", "connection to the server was lost")
			}
			return result
		}
		switch m.kind {
		case 'Z':
			s.noteStatus(m.body[0])
		case 'C':
			result.tag = strings.TrimRight(string(m.body), "\x00")
		case 'D':
			result.rows++
		case 'E':
			if result.err == nil {
				result.err = decodeError(m)
			}
		case 'G':
			s.copyIn(m)
			continue
		}
		if m.kind != 'Z' {
			sink(m)
		}
		if strings.IndexByte(last, m.kind) >= 0 {
			return result
		}
	}
}

func (s *session) noteStatus(status byte) {
	if status != 'I' && s.txn == 'I' {
		s.transaction = s.front.nextTransaction.Add(1)
	}
	if status == 'I' {
		s.transaction = 0
	}
	s.txn = status
}

// copyIn passes on the client's rows after CopyInResponse.
func (s *session) copyIn(m message) {
	s.client.write(m)
	if s.client.w.Flush() != nil {
		s.lost = true
	}
	for {
		part, err := s.client.read(0)
		if err != nil {
			s.lost = true
			s.server.conn.Close()
			return
		}
		s.server.write(part)
		if part.kind == 'c' || part.kind == 'f' {
			s.toServer(message{'H', nil}) // the extended protocol's answer waits for it
			return
		}
	}
}

// ready says ReadyForQuery.
func (s *session) ready() {
	s.client.send(&pgproto3.ReadyForQuery{TxStatus: s.txn})
	if s.client.w.Flush() != nil {
		s.lost = true
	}
}

// abort makes an open transaction fail on the server as well.
func (s *session) abort() {
	if s.txn == 'T' {
		s.silently("the front refused a statement")
	}
}

// silently runs a text on the server and keeps its answer from the client.
func (s *session) silently(sql string) outcome {
	q, _ := (&pgproto3.Query{String: sql}).Encode(nil)
	s.server.w.Write(q)
	s.toServer()
	return s.relay(nowhere, "Z")
}

// syncSilently ends an implicit transaction of the extended protocol.
func (s *session) syncSilently() {
	s.toServer(message{'S', nil})
	s.relay(nowhere, "Z")
}

// rejectExtended answers with an error and passes over the rest until Sync; what was done since
// the last Sync is undone.
func (s *session) rejectExtended(e *sqlError) {
	bad, _ := (&pgproto3.Parse{Query: "the front refused a statement"}).Encode(nil)
	s.server.w.Write(bad)
	s.toServer(message{'H', nil})
	s.relay(nowhere, "E1")
	s.client.send(e.response())
	s.skip = true
}
