// SPDX-License-Identifier: Apache-2.0

// The simple protocol: a text of one or more statements.

package main

import (
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
)

func (s *session) query(m message) {
	sql := strings.TrimRight(string(m.body), "\x00")
	began := time.Now()
	list, refused := s.analyse(sql)
	switch {
	case refused != nil:
		o := outcome{err: refused, by: refused.source()}
		s.abort()
		s.client.send(refused.response())
		s.log(&statement{parsed: parsed{sql: sql}, text: sql}, "simple", o, len(sql), 0, began)
	case len(list) == 0:
		s.client.send(&pgproto3.EmptyQueryResponse{})
	case allPlain(list):
		s.queryTogether(list)
	default:
		for _, st := range list {
			if o := s.queryOne(st, s.sendSimple); o.err != nil || s.lost {
				break
			}
		}
	}
	if !s.lost {
		s.ready()
	}
}

// allPlain says whether statements may go to the server as one text, which is one implicit
// transaction in both.
func allPlain(list []*statement) bool {
	for _, st := range list {
		if st.kind != kindRead && st.kind != kindWrite {
			return false
		}
	}
	return len(list) > 1
}

func (s *session) queryTogether(list []*statement) {
	whole := &statement{kind: kindWrite, tag: list[0].tag, session: s}
	var sql, text []string
	for _, st := range list {
		sql, text = append(sql, st.sql), append(text, st.text)
		whole.writes = append(whole.writes, st.writes...)
	}
	whole.sql, whole.text = strings.Join(sql, "; "), strings.Join(text, "; ")
	s.queryOne(whole, s.sendSimple)
}

// queryOne does one statement with its checks and faults.
func (s *session) queryOne(st *statement, send func(*statement, func(message)) outcome) outcome {
	began := time.Now()
	o := s.perform(st, send)
	s.log(st, "simple", o, len(st.sql), 0, began)
	return o
}

// sendSimple has the server do a statement.
func (s *session) sendSimple(st *statement, sink func(message)) outcome {
	q, err := (&pgproto3.Query{String: st.text}).Encode(nil)
	if err != nil {
		return outcome{err: refuse("08P01", "bad message"), by: "front"}
	}
	s.server.w.Write(q)
	s.toServer()
	return s.relay(sink, "Z")
}

// perform does what both protocols have in common: the checks at execution, faults, schema
// changes, and then the server. `send` has the server do the statement and passes its answer to
// the sink given.
func (s *session) perform(st *statement, send func(*statement, func(message)) outcome) outcome {
	if e := st.checkNow(); e != nil {
		return s.answerError(st, e, "front")
	}
	hit := s.front.faults.at(s, st)
	if hit != nil {
		return s.suffer(hit, st, send)
	}
	return s.plainly(st, send, s.toClient)
}

// answerError answers a statement with an error of the front's own.
func (s *session) answerError(st *statement, e *sqlError, by string) outcome {
	if st.extended {
		s.rejectExtended(e)
	} else {
		s.abort()
		s.client.send(e.response())
	}
	return outcome{err: e, by: by}
}
