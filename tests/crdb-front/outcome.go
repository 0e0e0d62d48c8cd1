// SPDX-License-Identifier: Apache-2.0

// What became of a statement, and how an error of the server behind is told to the client.

package main

import (
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
)

type outcome struct {
	tag  string
	err  *sqlError
	rows int
	by   string // server, front, grammar, fault
}

func (o outcome) String() string {
	if o.err != nil {
		return o.err.Error()
	}
	return o.tag
}

func decodeError(m message) *sqlError {
	var e pgproto3.ErrorResponse
	if e.Decode(m.body) != nil {
		return refuse("08P01", "bad error message")
	}
	return &sqlError{severity: e.Severity, code: e.Code, message: e.Message, detail: e.Detail, hint: e.Hint}
}

// translateError leaves out PostgreSQL's own fields, and changes what CockroachDB says otherwise.
func translateError(m message) message {
	e := decodeError(m)
	switch {
	case e.code == "42P07" && strings.HasPrefix(e.message, "relation ") &&
		strings.HasSuffix(e.message, "already exists"):
		// Tables and indexes share a name space only in PostgreSQL; the front asks before.
		e.detail = ""
	case e.code == "22003" && strings.Contains(e.message, "out of range for type vector"):
		e.code = "22P02"
		e.message = "invalid input syntax for type vector"
	}
	encoded, err := e.response().Encode(nil)
	if err != nil {
		return m
	}
	return message{'E', encoded[5:]}
}

func (s *session) log(st *statement, protocol string, o outcome, bytes, parameters int, began time.Time) {
	r := &record{
		Session: s.id, Application: s.app, Transaction: s.transaction, Protocol: protocol,
		Tag: st.tag, SQL: st.sql, Bytes: bytes, Parameters: parameters,
		Answer: o.String(), By: o.by, Rows: o.rows,
		Ms: float64(time.Since(began).Microseconds()) / 1000,
	}
	if st.text != st.sql {
		r.Sent = st.text
	}
	s.front.count(st, o)
	s.front.journal.add(r)
}
