// SPDX-License-Identifier: Apache-2.0

// What CockroachDB's grammar takes and CockroachDB refuses.

package main

import (
	"context"

	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/sem/tree"
	"github.com/jackc/pgx/v5"
)

func refuseStatement(st *statement) *sqlError {
	for _, step := range []func(*statement) *sqlError{refuseNames, refuseInternals, refuseShape} {
		if e := step(st); e != nil {
			return e
		}
	}
	st.addChecks()
	return nil
}

// Functions of PostgreSQL or pgvector that CockroachDB lacks, or is not known to have.
var unknownFunctions = words(`pg_advisory_lock pg_advisory_lock_shared pg_advisory_unlock
pg_advisory_unlock_all pg_advisory_xact_lock pg_advisory_xact_lock_shared pg_try_advisory_lock
pg_try_advisory_xact_lock pg_relation_size pg_total_relation_size pg_indexes_size pg_table_size
pg_database_size hashtext hashtextextended txid_current pg_current_xact_id pg_notify
pg_export_snapshot pg_blocking_pids pg_terminate_backend pg_reload_conf pg_stat_file
pg_index_column_has_property pg_indexam_has_property lo_create lo_import
subvector l2_normalize binary_quantize hamming_distance jaccard_distance l2_norm vector_avg
halfvec_to_vector array_to_vector vector_to_float4 dblink`)

// Columns that every table of PostgreSQL has.
var systemColumns = words("ctid xmin xmax cmin cmax")

func refuseNames(st *statement) *sqlError {
	if _, ok := st.ast.(*tree.CreateRoutine); ok {
		return nil
	}
	list := tokens(st.sql)
	for i, t := range list {
		if !t.isName() {
			continue
		}
		call := at(list, i+1, "(")
		schema := ""
		if at(list, i-1, ".") && i > 1 {
			schema = list[i-2].word
		}
		switch {
		case call && (schema == "" || schema == "pg_catalog") && unknownFunctions[t.word]:
			return refuse("42883", "unknown function: %s()", t.word)
		case call && (schema == "" || schema == "pg_catalog") && t.word == "set_config":
			return refuse("0A000", "set_config is not supported")
		case !call && !t.quoted && systemColumns[t.word] && !at(list, i-1, "as"):
			return refuse("42703", "column %q does not exist", t.word)
		}
	}
	return nil
}

// refuseInternals closes crdb_internal and system, where the version does.
func refuseInternals(st *statement) *sqlError {
	list := tokens(st.sql)
	for i, t := range list {
		if t.quoted || (t.word != "crdb_internal" && t.word != "system") || !at(list, i+1, ".") ||
			at(list, i-1, ".") || t.id < 256 || (t.word == "system" && !isRelationPlace(list, i)) {
			continue
		}
		if st.session.front.persona.internalsClosed {
			e := refuse("42501", "Access to crdb_internal and system is restricted.")
			e.hint = "These interfaces are unsupported in production. To proceed anyway, set the session " +
				"variable allow_unsafe_internals = true (not recommended)."
			return e
		}
		if at(list, i+3, "(") {
			return refuse("42883", "unknown function: %s.%s()", t.word, list[i+2].word)
		}
		return refuse("42P01", "relation %q does not exist", t.word+"."+list[i+2].word)
	}
	return nil
}

// refuseShape is for statements that CockroachDB does not have in this form.
func refuseShape(st *statement) *sqlError {
	switch n := st.ast.(type) {
	case *tree.CreateTable:
		if n.Persistence.IsTemporary() {
			e := refuse("0A000", "temporary tables are only supported experimentally")
			e.hint = "You can enable temporary tables by running `SET experimental_enable_temp_tables = 'on'`."
			return e
		}
	case *tree.CreateTrigger:
		return refuseTrigger(n, st.session.front.persona)
	case *tree.DropTrigger:
		if n.DropBehavior == tree.DropCascade {
			return unimplemented(128151, "cascade is not supported for triggers")
		}
	}
	return nil
}

func refuseTrigger(n *tree.CreateTrigger, p *persona) *sqlError {
	if n.Replace && !p.createOrReplaceTrig {
		return unimplemented(128422, "CREATE OR REPLACE TRIGGER is not supported")
	}
	if len(n.Transitions) > 0 {
		return unimplemented(135655, "REFERENCING clause is not yet supported for triggers")
	}
	if n.ForEach == tree.TriggerForEachStatement {
		return unimplemented(126362, "statement-level triggers are not yet supported")
	}
	for _, event := range n.Events {
		if len(event.Columns) > 0 {
			return unimplemented(135656, "column lists are not yet supported for triggers")
		}
	}
	return nil
}

// addChecks adds what can change between two executions of one statement.
func (st *statement) addChecks() {
	s := st.session
	if st.kind != kindSession && st.kind != kindCommit && st.kind != kindRollback && st.kind != kindBegin {
		st.checks = append(st.checks, func() *sqlError {
			if s.settings.injectRetry && s.txn == 'T' {
				return refuse("40001", "restart transaction: TransactionRetryWithProtoRefreshError: "+
					"injected by `inject_retry_errors_enabled` session variable")
			}
			return nil
		})
	}
	if st.kind == kindSchema {
		st.checks = append(st.checks, func() *sqlError {
			if s.settings.keepTxn && s.txn == 'T' {
				return unimplemented(150163, "schema changes within a transaction in the front")
			}
			return nil
		})
	}
	if n, ok := st.ast.(*tree.CreateRoutine); ok && n.Replace {
		st.checks = append(st.checks, func() *sqlError { return s.functionInUse(string(n.Name.ObjectName)) })
	}
}

// functionInUse refuses to replace a function that a trigger calls.
func (s *session) functionInUse(name string) *sqlError {
	used := false
	err := s.catalog.use(func(ctx context.Context, conn *pgx.Conn) error {
		return conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_catalog.pg_trigger t
			JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid WHERE p.proname = $1)`, name).Scan(&used)
	})
	if err == nil && used {
		return unimplemented(134555, "cannot replace a trigger function with an active trigger")
	}
	return nil
}

// isAdmin says whether the session's user is a superuser, who stands for CockroachDB's admin.
func (s *session) isAdmin() bool {
	admin := false
	s.catalog.use(func(ctx context.Context, conn *pgx.Conn) error {
		return conn.QueryRow(ctx, `SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = $1`, s.user).Scan(&admin)
	})
	return admin
}
