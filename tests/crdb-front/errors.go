// SPDX-License-Identifier: Apache-2.0

// Errors as a client of CockroachDB gets them.

package main

import (
	"fmt"

	"github.com/jackc/pgx/v5/pgproto3"
)

// sqlError is one error of the protocol. It is an error that the server would answer, not a fault
// of this program.
type sqlError struct {
	severity string // "" stands for ERROR
	code     string
	message  string
	detail   string
	hint     string
	grammar  bool // said by the vendor's parser
}

// source is who refused, for the log.
func (e *sqlError) source() string {
	if e.grammar {
		return "grammar"
	}
	return "front"
}

func (e *sqlError) Error() string { return e.code + " " + e.message }

func refuse(code, format string, args ...any) *sqlError {
	return &sqlError{code: code, message: fmt.Sprintf(format, args...)}
}

// unimplemented is how CockroachDB names what it knows of and does not have.
func unimplemented(issue int, format string, args ...any) *sqlError {
	e := refuse("0A000", "unimplemented: "+format, args...)
	e.hint = "You have attempted to use a feature that is not yet implemented."
	if issue != 0 {
		e.hint += fmt.Sprintf("\nSee: https://go.crdb.dev/issue-v/%d", issue)
	}
	return e
}

func (e *sqlError) response() *pgproto3.ErrorResponse {
	severity := e.severity
	if severity == "" {
		severity = "ERROR"
	}
	return &pgproto3.ErrorResponse{
		Severity:            severity,
		SeverityUnlocalized: severity,
		Code:                e.code,
		Message:             e.message,
		Detail:              e.detail,
		Hint:                e.hint,
	}
}

func notice(code, message string) *pgproto3.NoticeResponse {
	severity := "NOTICE"
	if code != "00000" {
		severity = "WARNING"
	}
	return &pgproto3.NoticeResponse{
		Severity: severity, SeverityUnlocalized: severity, Code: code, Message: message,
	}
}
