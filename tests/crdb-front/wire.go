// SPDX-License-Identifier: Apache-2.0

// Messages of the PostgreSQL protocol, read and written whole. Most go through as they are;
// pgproto3 decodes the few that the front looks into.

package main

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
)

// maxMessage is CockroachDB's sql.conn.max_read_buffer_message_size.
const maxMessage = 16 << 20

// message is one message without its length word.
type message struct {
	kind byte
	body []byte
}

// encoder is any message of pgproto3.
type encoder interface {
	Encode(dst []byte) ([]byte, error)
}

type wire struct {
	conn net.Conn
	r    *bufio.Reader
	w    *bufio.Writer
}

func newWire(conn net.Conn) *wire {
	return &wire{conn: conn, r: bufio.NewReaderSize(conn, 64<<10), w: bufio.NewWriterSize(conn, 64<<10)}
}

// tooLarge is a message that was passed over because of its size.
type tooLarge struct {
	kind byte
	size int
}

func (e *tooLarge) Error() string {
	return fmt.Sprintf("message size %s bigger than maximum allowed message size %s",
		binarySize(e.size), binarySize(maxMessage))
}

func binarySize(n int) string {
	if n >= 1<<20 {
		return fmt.Sprintf("%d MiB", (n+1<<19)>>20)
	}
	return fmt.Sprintf("%d KiB", (n+1<<9)>>10)
}

// read takes the next message. With a limit, larger ones are read, thrown away and given as
// *tooLarge.
func (w *wire) read(limit int) (message, error) {
	var head [5]byte
	if _, err := io.ReadFull(w.r, head[:]); err != nil {
		return message{}, err
	}
	size := int(binary.BigEndian.Uint32(head[1:])) - 4
	if size < 0 || size > 1<<30 {
		return message{}, errors.New("bad message length")
	}
	if limit > 0 && size > limit {
		if _, err := io.CopyN(io.Discard, w.r, int64(size)); err != nil {
			return message{}, err
		}
		return message{}, &tooLarge{kind: head[0], size: size}
	}
	body := make([]byte, size)
	_, err := io.ReadFull(w.r, body)
	return message{head[0], body}, err
}

func (m message) bytes() []byte {
	b := make([]byte, 5, 5+len(m.body))
	b[0] = m.kind
	binary.BigEndian.PutUint32(b[1:], uint32(len(m.body)+4))
	return append(b, m.body...)
}

// write puts a message into the buffer.
func (w *wire) write(m message) {
	var head [5]byte
	head[0] = m.kind
	binary.BigEndian.PutUint32(head[1:], uint32(len(m.body)+4))
	w.w.Write(head[:]) // errors stay in the writer and come out of Flush
	w.w.Write(m.body)
}

// send encodes a message of pgproto3 into the buffer.
func (w *wire) send(e encoder) {
	b, err := e.Encode(nil)
	if err != nil {
		panic(err) // only for strings with NUL bytes of our own making
	}
	w.w.Write(b)
}

// readStartup takes a message of the start-up phase, which has no kind byte.
func (w *wire) readStartup() ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(w.r, head[:]); err != nil {
		return nil, err
	}
	size := int(binary.BigEndian.Uint32(head[:])) - 4
	if size < 4 || size > 10000 {
		return nil, errors.New("bad startup packet")
	}
	body := make([]byte, size)
	_, err := io.ReadFull(w.r, body)
	return body, err
}

func (w *wire) writeStartup(body []byte) error {
	var head [4]byte
	binary.BigEndian.PutUint32(head[:], uint32(len(body)+4))
	w.w.Write(head[:])
	w.w.Write(body)
	return w.w.Flush()
}
