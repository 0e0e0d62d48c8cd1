// SPDX-License-Identifier: Apache-2.0

// The control connection: HTTP, one path for each thing a test may want. Parameters are form
// values, answers are JSON.
//
//	curl -d kind=error -d code=40001 -d on=write -d every=3 $CONTROL/faults
//	curl -X DELETE $CONTROL/faults
//	curl -d ms=2000 $CONTROL/drain

package main

import (
	"encoding/json"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// tally counts what was seen, for GET /stats.
type tally struct {
	mu         sync.Mutex
	Sessions   int64            `json:"sessions"`
	Statements map[string]int64 `json:"statements"` // by tag
	Errors     map[string]int64 `json:"errors"`     // by who said it and code: "server 42P01"
	Panics     int64            `json:"parser_panics"`
}

func (f *front) count(st *statement, o outcome) {
	t := &f.tally
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.Statements == nil {
		t.Statements, t.Errors = map[string]int64{}, map[string]int64{}
	}
	t.Statements[st.tag]++
	if o.err != nil {
		t.Errors[o.by+" "+o.err.code]++
	}
	t.Panics = parserPanics.Load()
}

func (f *front) serveControl(listener net.Listener, ended chan<- os.Signal) {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /faults", f.addFault)
	mux.HandleFunc("GET /faults", func(w http.ResponseWriter, _ *http.Request) {
		f.faults.mu.Lock()
		defer f.faults.mu.Unlock()
		answer(w, f.faults.list)
	})
	mux.HandleFunc("DELETE /faults", func(w http.ResponseWriter, _ *http.Request) {
		f.faults.clear()
		answer(w, "ok")
	})
	mux.HandleFunc("POST /drain", func(w http.ResponseWriter, r *http.Request) {
		f.drain(milliseconds(r, "ms"))
		answer(w, "ok")
	})
	mux.HandleFunc("POST /down", func(w http.ResponseWriter, r *http.Request) {
		f.faults.until(&f.faults.downUntil, milliseconds(r, "ms"))
		f.drop()
		answer(w, "ok")
	})
	mux.HandleFunc("POST /full", func(w http.ResponseWriter, r *http.Request) {
		f.faults.until(&f.faults.fullUntil, milliseconds(r, "ms"))
		answer(w, "ok")
	})
	mux.HandleFunc("POST /network", func(w http.ResponseWriter, r *http.Request) {
		f.slow.latency.Store(int64(milliseconds(r, "ms")))
		f.slow.drip.Store(int64(number(r, "drip")))
		answer(w, "ok")
	})
	mux.HandleFunc("POST /jobs", func(w http.ResponseWriter, r *http.Request) {
		f.jobs.extra.Store(int64(milliseconds(r, "ms")))
		answer(w, "ok")
	})
	mux.HandleFunc("GET /stats", func(w http.ResponseWriter, _ *http.Request) {
		f.tally.mu.Lock()
		defer f.tally.mu.Unlock()
		answer(w, &f.tally)
	})
	mux.HandleFunc("POST /quit", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, "ok")
		ended <- syscall.SIGTERM
	})
	http.Serve(listener, mux)
}

func (f *front) addFault(w http.ResponseWriter, r *http.Request) {
	p, _ := strconv.ParseFloat(r.FormValue("p"), 64)
	one := &fault{
		Kind: r.FormValue("kind"), On: r.FormValue("on"), Match: r.FormValue("match"),
		After: number(r, "after"), Every: number(r, "every"), Count: number(r, "count"), P: p,
		Code: r.FormValue("code"), Text: r.FormValue("text"), Ms: number(r, "ms"),
	}
	if err := f.faults.add(one); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answer(w, one)
}

func (fs *faults) until(t *time.Time, d time.Duration) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	*t = time.Now().Add(d)
}

// drain is a node that is taken out of service: sessions end with their next statement.
func (f *front) drain(d time.Duration) {
	f.faults.until(&f.faults.drainUntil, d)
	f.mu.Lock()
	defer f.mu.Unlock()
	for s := range f.sessions {
		s.draining.Store(true)
	}
}

func number(r *http.Request, name string) int {
	n, _ := strconv.Atoi(r.FormValue(name))
	return n
}

func milliseconds(r *http.Request, name string) time.Duration {
	return time.Duration(number(r, name)) * time.Millisecond
}

func answer(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(value)
}
