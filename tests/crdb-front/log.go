// SPDX-License-Identifier: Apache-2.0

// The statement log: one line of JSON for each statement, for tests to assert on.

package main

import (
	"encoding/json"
	"io"
	"sync"
	"time"
)

// record is one line. Values of parameters are never in it.
type record struct {
	Time        string  `json:"time"`
	Session     int64   `json:"session"`
	Application string  `json:"application,omitempty"`
	Transaction int64   `json:"transaction"` // 0: outside of one
	Protocol    string  `json:"protocol"`    // simple, extended
	Tag         string  `json:"tag"`         // SELECT, UPDATE, CREATE INDEX, …
	SQL         string  `json:"sql"`
	Sent        string  `json:"sent,omitempty"` // what the server got, when that differs
	Bytes       int     `json:"bytes"`          // of the statement and its parameters
	Parameters  int     `json:"parameters"`
	Answer      string  `json:"answer"` // UPDATE 5; 40001 restart transaction: …
	By          string  `json:"by"`     // server, front, grammar, fault
	Rows        int     `json:"rows,omitempty"`
	Ms          float64 `json:"ms"`
}

type journal struct {
	mu sync.Mutex
	w  io.Writer // nil: no log
}

func (j *journal) add(r *record) {
	if j.w == nil {
		return
	}
	r.Time = time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	line, err := json.Marshal(r)
	if err != nil {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.w.Write(append(line, '\n'))
}
