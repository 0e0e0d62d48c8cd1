// SPDX-License-Identifier: Apache-2.0

// A connection through a slow network: everything arrives later by a set time, in either
// direction, without holding back what comes behind it; answers may drip.

package main

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// network is shared by all connections and may change at any time.
type network struct {
	latency atomic.Int64 // nanoseconds each way
	drip    atomic.Int64 // bytes at a time towards the client, 1 ms apart; 0: all at once
}

type piece struct {
	due  time.Time
	data []byte
}

// slowConn delays both directions of a connection.
type slowConn struct {
	net.Conn
	net   *network
	in    chan piece
	out   chan piece
	rest  []byte
	done  chan struct{} // closed when the peer is gone or the connection closed
	once  sync.Once
	drain sync.WaitGroup
}

func newSlowConn(conn net.Conn, n *network) *slowConn {
	c := &slowConn{
		Conn: conn, net: n, done: make(chan struct{}),
		in: make(chan piece, 256), out: make(chan piece, 1024),
	}
	c.drain.Add(1)
	go c.reader()
	go c.writer()
	return c
}

func (c *slowConn) reader() {
	defer close(c.in)
	for {
		buf := make([]byte, 32<<10)
		n, err := c.Conn.Read(buf)
		if n > 0 {
			due := time.Now().Add(time.Duration(c.net.latency.Load()))
			select {
			case c.in <- piece{due, buf[:n]}:
			case <-c.done:
				return
			}
		}
		if err != nil {
			c.gone()
			return
		}
	}
}

func (c *slowConn) gone() { c.once.Do(func() { close(c.done) }) }

func (c *slowConn) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		next, ok := <-c.in
		if !ok {
			return 0, io.EOF
		}
		time.Sleep(time.Until(next.due))
		c.rest = next.data
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

func (c *slowConn) Write(p []byte) (int, error) {
	due := time.Now().Add(time.Duration(c.net.latency.Load()))
	select {
	case c.out <- piece{due, append([]byte(nil), p...)}:
		return len(p), nil
	case <-c.done:
		return 0, net.ErrClosed
	}
}

func (c *slowConn) writer() {
	defer c.drain.Done()
	for next := range c.out {
		time.Sleep(time.Until(next.due))
		if c.trickle(next.data) != nil {
			c.gone()
			for range c.out { // until Close
			}
			return
		}
	}
}

func (c *slowConn) trickle(data []byte) error {
	for len(data) > 0 {
		n := len(data)
		if drip := int(c.net.drip.Load()); drip > 0 && drip < n {
			n = drip
			time.Sleep(time.Millisecond)
		}
		if _, err := c.Conn.Write(data[:n]); err != nil {
			return err
		}
		data = data[n:]
	}
	return nil
}

// Close sends what was written and closes. Only the session's own goroutine writes and closes.
func (c *slowConn) Close() error {
	close(c.out)
	c.drain.Wait()
	c.gone()
	return c.Conn.Close()
}
