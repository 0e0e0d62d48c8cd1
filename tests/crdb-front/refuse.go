// SPDX-License-Identifier: Apache-2.0

// What CockroachDB's grammar takes and CockroachDB refuses.

package main

func refuseStatement(st *statement) *sqlError { return nil }
