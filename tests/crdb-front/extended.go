// SPDX-License-Identifier: Apache-2.0

// The extended protocol: Parse, Bind, Describe, Execute, Close.

package main

import (
	"encoding/binary"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
)

const oidVector = 90006 // CockroachDB's own, fixed

// nothing is a statement without rows or consequences.
const nothing = "SET crdb.nothing = ''"

func (s *session) parse(m message) {
	var p pgproto3.Parse
	if err := p.Decode(m.body); err != nil {
		s.rejectExtended(refuse("08P01", "%v", err))
		return
	}
	began := time.Now()
	list, refused := s.analyse(p.Query)
	if refused == nil && len(list) > 1 {
		refused = refuse("42601", "cannot insert multiple commands into a prepared statement")
	}
	if refused != nil {
		s.rejectExtended(refused)
		st := &statement{parsed: parsed{sql: p.Query}, text: p.Query}
		s.log(st, "extended", outcome{err: refused, by: refused.source()}, len(p.Query), 0, began)
		return
	}
	st := &statement{session: s, kind: kindRead}
	if len(list) == 1 {
		st = list[0]
	}
	st.extended, st.types = true, append([]uint32(nil), p.ParameterOIDs...)
	delete(s.statements, p.Name)
	p.Query = st.text
	if st.change != nil {
		p.Query = nothing // the job does it; the server behind may not even be able to parse it
	}
	for i, oid := range p.ParameterOIDs {
		p.ParameterOIDs[i] = s.catalog.toServerType(oid)
	}
	if o := s.forward(&p, "1E"); o.err == nil {
		s.statements[p.Name] = st
	} else {
		s.log(st, "extended", o, len(p.Query), 0, began)
	}
}

// forward sends one message of the extended protocol and passes its answer on.
func (s *session) forward(e encoder, last string) outcome {
	b, err := e.Encode(nil)
	if err != nil {
		s.lost = true
		return outcome{err: refuse("08P01", "%v", err)}
	}
	s.server.w.Write(b)
	s.toServer(message{'H', nil})
	o := s.relay(s.toClient, last)
	s.skip = o.err != nil
	return o
}

func (s *session) bind(m message) {
	var b pgproto3.Bind
	if err := b.Decode(m.body); err != nil {
		s.rejectExtended(refuse("08P01", "%v", err))
		return
	}
	st := s.statements[b.PreparedStatement]
	if st == nil {
		s.rejectExtended(refuse("26000", "unknown prepared statement %q", b.PreparedStatement))
		return
	}
	if e := s.binaryVector(st, &b); e != nil {
		s.rejectExtended(e)
		return
	}
	delete(s.portals, b.DestinationPortal)
	if o := s.forward(&b, "2E"); o.err == nil {
		s.portals[b.DestinationPortal] = &bound{st, len(st.sql) + len(m.body), len(b.Parameters)}
	} else {
		s.log(st, "extended", o, len(m.body), len(b.Parameters), time.Now())
	}
}

// binaryVector refuses what versions before 25.3 cannot read.
func (s *session) binaryVector(st *statement, b *pgproto3.Bind) *sqlError {
	if s.front.persona.binaryVectors {
		return nil
	}
	for i := range b.Parameters {
		format := int16(0)
		switch {
		case len(b.ParameterFormatCodes) == 1:
			format = b.ParameterFormatCodes[0]
		case i < len(b.ParameterFormatCodes):
			format = b.ParameterFormatCodes[i]
		}
		if format == 1 && i < len(st.types) && st.types[i] == oidVector {
			return refuse("08P01", "error in argument for $%d: unsupported OID %d with format code FormatBinary",
				i+1, oidVector)
		}
	}
	return nil
}

func (s *session) describe(m message) {
	s.toServer(m, message{'H', nil})
	o := s.relay(s.toClient, "nTE")
	s.skip = o.err != nil
}

func (s *session) closeNamed(m message) {
	var c pgproto3.Close
	if c.Decode(m.body) == nil {
		if c.ObjectType == 'S' {
			delete(s.statements, c.Name)
		} else {
			delete(s.portals, c.Name)
		}
	}
	s.toServer(m, message{'H', nil})
	o := s.relay(s.toClient, "3E")
	s.skip = o.err != nil
}

func (s *session) execute(m message) {
	var e pgproto3.Execute
	if err := e.Decode(m.body); err != nil {
		s.rejectExtended(refuse("08P01", "%v", err))
		return
	}
	p := s.portals[e.Portal]
	if p == nil {
		s.rejectExtended(refuse("34000", "unknown portal %q", e.Portal))
		return
	}
	began := time.Now()
	o := s.perform(p.statement, func(st *statement, sink func(message)) outcome {
		s.toServer(m, message{'H', nil})
		return s.relay(sink, "CIsE")
	})
	s.skip = s.skip || o.err != nil
	s.log(p.statement, "extended", o, p.bytes, p.parameters, began)
}

// mapTypes changes the type numbers in a RowDescription or ParameterDescription in place.
func describeRowTypes(body []byte, change func(uint32) uint32) {
	n := int(binary.BigEndian.Uint16(body))
	for pos := 2; n > 0 && pos < len(body); n-- {
		for pos < len(body) && body[pos] != 0 {
			pos++
		}
		field := pos + 1 + 6 // after the name: table (4), column (2), then the type
		if field+4 > len(body) {
			return
		}
		old := binary.BigEndian.Uint32(body[field:])
		binary.BigEndian.PutUint32(body[field:], change(old))
		pos = field + 12
	}
}

func describeParameterTypes(body []byte, change func(uint32) uint32) {
	for pos := 2; pos+4 <= len(body); pos += 4 {
		binary.BigEndian.PutUint32(body[pos:], change(binary.BigEndian.Uint32(body[pos:])))
	}
}
