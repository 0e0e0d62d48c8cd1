// SPDX-License-Identifier: Apache-2.0

// What is sent to the server behind in the place of what only CockroachDB understands.

package main

func rewrite(st *statement) *sqlError { return nil }
