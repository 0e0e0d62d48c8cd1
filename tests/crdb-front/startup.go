// SPDX-License-Identifier: Apache-2.0

// The start of a session: from the first byte to the first ReadyForQuery. Logging in is between
// the client and the server behind; the front passes it on.

package main

import (
	"encoding/binary"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"
)

// What the first message of a connection may be beside a StartupMessage.
const (
	cancelRequest = 80877102
	sslRequest    = 80877103
	gssRequest    = 80877104
)

// startup goes from the first byte to the first ReadyForQuery; false when there is no session.
func (s *session) startup() (bool, error) {
	body, err := s.client.readStartup()
	if err != nil {
		return false, err
	}
	code := binary.BigEndian.Uint32(body)
	for code == sslRequest || code == gssRequest {
		s.client.w.WriteByte('N')
		if err := s.client.w.Flush(); err != nil {
			return false, err
		}
		if body, err = s.client.readStartup(); err != nil {
			return false, err
		}
		code = binary.BigEndian.Uint32(body)
	}
	if code == cancelRequest {
		s.front.cancel(body[4:])
		return false, nil
	}
	var hello pgproto3.StartupMessage
	if err := hello.Decode(body); err != nil {
		return false, err
	}
	s.user, s.database, s.app = hello.Parameters["user"], hello.Parameters["database"], hello.Parameters["application_name"]
	if s.database == "" {
		s.database = s.user
	}
	if e := s.front.faults.atConnect(); e != nil {
		s.sayFatal(e)
		return false, nil
	}
	s.adapt(hello.Parameters)
	adapted, err := hello.Encode(nil)
	if err != nil {
		return false, err
	}
	return s.connect(adapted[4:])
}

// adapt changes what a session starts with: settings that last over RESET ALL.
func (s *session) adapt(parameters map[string]string) {
	parameters["crdb.version"] = s.front.persona.version()
	// CockroachDB reads a page of a table along its key, whatever the statistics say.
	for _, name := range []string{"enable_sort", "enable_incremental_sort", "enable_bitmapscan"} {
		parameters[name] = "off"
	}
	for name, value := range parameters {
		if _, own := ownVariables[name]; own {
			delete(parameters, name)
			parameters["crdb."+name] = value
		}
	}
	if options, ok := parameters["options"]; ok {
		parameters["options"] = adaptOptions(options)
	}
}

// adaptOptions does the same in "-c name=value"; --cluster is for CockroachDB's own proxy.
func adaptOptions(options string) string {
	var kept []string
	for _, word := range strings.Fields(options) {
		name, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(word, "-c"), "--"), "=")
		if _, own := ownVariables[name]; own {
			word = strings.Replace(word, name, "crdb."+name, 1)
		}
		if name != "cluster" {
			kept = append(kept, word)
		}
	}
	return strings.Join(kept, " ")
}

func (s *session) sayFatal(e *sqlError) {
	e.severity = "FATAL"
	s.client.send(e.response())
	s.client.w.Flush()
	s.lost = true
}

// connect logs in at the server behind with what the client says.
func (s *session) connect(hello []byte) (bool, error) {
	conn, err := net.Dial(s.front.network, s.front.address)
	if err != nil {
		s.sayFatal(refuse("57P03", "the server behind the front does not answer"))
		return false, err
	}
	s.server = newWire(conn)
	if err := s.server.writeStartup(hello); err != nil {
		return false, err
	}
	for {
		m, err := s.server.read(0)
		if err != nil {
			return false, err
		}
		switch m.kind {
		case 'R':
			err = s.authenticate(m)
		case 'S':
			s.status(m)
		case 'K':
			copy(s.keyData[:], m.body)
			s.client.write(m)
		case 'Z':
			return s.begin(m)
		case 'E':
			s.client.write(m)
			s.client.w.Flush()
			return false, errClosed
		default:
			s.client.write(m)
		}
		if err != nil {
			return false, err
		}
	}
}

func (s *session) authenticate(m message) error {
	s.client.write(m)
	if err := s.client.w.Flush(); err != nil || len(m.body) < 4 {
		return err
	}
	switch binary.BigEndian.Uint32(m.body) {
	case 0, 12: // ok, last word of SASL
		return nil
	}
	reply, err := s.client.read(maxMessage)
	if err != nil {
		return err
	}
	s.server.write(reply)
	return s.server.w.Flush()
}

// begin answers the first ReadyForQuery.
func (s *session) begin(m message) (bool, error) {
	for name, value := range s.front.persona.status() {
		s.client.send(&pgproto3.ParameterStatus{Name: name, Value: value})
	}
	var err error
	if s.catalog, err = s.front.catalogOf(s.database); err != nil {
		s.sayFatal(refuse("XX000", "front: %v", err))
		return false, err
	}
	s.txn = m.body[0]
	s.front.join(s)
	s.client.write(m)
	return true, s.client.w.Flush()
}

// status passes on a parameter that the persona does not say itself.
func (s *session) status(m message) {
	name, _, _ := strings.Cut(string(m.body), "\x00")
	if _, own := s.front.persona.status()[name]; !own {
		s.client.write(m)
	}
}
