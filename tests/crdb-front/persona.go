// SPDX-License-Identifier: Apache-2.0

// The versions of CockroachDB that the front can be, as one table.

package main

import (
	"fmt"
	"strings"
)

type persona struct {
	name                string
	release             string // in version()
	built               string
	vectorIndexDefault  bool // feature.vector_index.enabled
	onlyL2              bool // cosine and inner product operator classes are missing
	buildBlocksWrites   bool // while a vector index is built
	binaryVectors       bool // as parameters
	maxBeam             int
	hasRerank           bool // vector_search_rerank_multiplier
	jobNotice           bool // "waiting for job(s) to complete"
	schemaLocked        bool // new tables are
	internalsClosed     bool // crdb_internal and system
	createOrReplaceTrig bool
}

var personas = []persona{
	{
		name: "25.2", release: "v25.2.9", built: "2025/10/29 17:58:51, go1.23.7 X:nocoverageredesign",
		onlyL2: true, buildBlocksWrites: true, maxBeam: 512,
	},
	{
		name: "25.3", release: "v25.3.4", built: "2025/10/30 13:20:10, go1.23.12 X:nocoverageredesign",
		buildBlocksWrites: true, binaryVectors: true, maxBeam: 512,
	},
	{
		name: "25.4", release: "v25.4.2", built: "2025/12/02 15:04:05, go1.24.6 X:nocoverageredesign",
		vectorIndexDefault: true, binaryVectors: true, maxBeam: 2048, hasRerank: true,
	},
	{
		name: "26.1", release: "v26.1.1", built: "2026/03/03 12:00:00, go1.25.5 X:nocoverageredesign",
		vectorIndexDefault: true, binaryVectors: true, maxBeam: 2048, hasRerank: true,
		jobNotice: true, schemaLocked: true, internalsClosed: true, createOrReplaceTrig: true,
	},
}

func findPersona(name string) (*persona, error) {
	var known []string
	for i := range personas {
		if personas[i].name == strings.TrimPrefix(name, "v") {
			return &personas[i], nil
		}
		known = append(known, personas[i].name)
	}
	return nil, fmt.Errorf("no persona %q: there are %s", name, strings.Join(known, ", "))
}

// version is what version() and crdb_version say.
func (p *persona) version() string {
	return fmt.Sprintf("CockroachDB CCL %s (x86_64-pc-linux-gnu, built %s)", p.release, p.built)
}

// status is what a session is told at its start, over what the server behind says.
func (p *persona) status() map[string]string {
	return map[string]string{
		"crdb_version":   p.version(),
		"server_version": "13.0.0",
	}
}
