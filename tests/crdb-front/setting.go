// SPDX-License-Identifier: Apache-2.0

// Session variables and cluster settings. Those that PostgreSQL does not have are kept there as
// settings of its own under "crdb.", so that transactions and SET LOCAL treat them rightly.

package main

import (
	"strconv"
	"strings"

	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/sem/tree"
)

// settings are the variables that change what the front does.
type settings struct {
	safeUpdates bool // sql_safe_updates
	keepTxn     bool // autocommit_before_ddl = off
	injectRetry bool // inject_retry_errors_enabled
}

// Variables that both have; PostgreSQL keeps them.
var sharedVariables = words(`application_name bytea_output check_function_bodies client_encoding
client_min_messages datestyle default_tablespace default_transaction_deferrable
default_transaction_isolation default_transaction_read_only enable_seqscan
escape_string_warning extra_float_digits idle_in_transaction_session_timeout idle_session_timeout
integer_datetimes intervalstyle is_superuser lc_messages lc_monetary lc_numeric lc_time
lock_timeout max_identifier_length max_index_keys role row_security search_path
server_encoding server_version server_version_num session_authorization
standard_conforming_strings statement_timeout synchronize_seqscans synchronous_commit timezone
transaction_isolation transaction_read_only xmloption deadlock_timeout plan_cache_mode
default_text_search_config`)

// Variables that only CockroachDB has, with what they are at first.
var ownVariables = map[string]string{
	"allow_unsafe_internals": "off", "autocommit_before_ddl": "on", "avoid_buffering": "off",
	"copy_from_atomic_enabled": "on", "crdb_version": "", "create_table_with_schema_locked": "off",
	"default_int_size": "8", "default_transaction_priority": "normal",
	"default_transaction_quality_of_service": "regular",
	"default_transaction_use_follower_reads": "off", "disable_wait_for_jobs_notice": "off",
	"disallow_full_table_scans": "off", "distsql": "auto", "enable_auto_rehoming": "off",
	"enable_durable_locking_for_serializable": "off", "enable_implicit_select_for_update": "on",
	"enable_insert_fast_path": "on", "enable_zigzag_join": "off", "enforce_home_region": "off",
	"experimental_enable_temp_tables": "off", "force_savepoint_restart": "off",
	"index_recommendations_enabled": "on", "inject_retry_errors_enabled": "off",
	"inject_retry_errors_on_commit_enabled": "off", "kv_transaction_buffered_writes_enabled": "off",
	"large_full_scan_rows": "0", "locality": "", "locality_optimized_partitioned_index_scan": "on",
	"node_id": "1", "null_ordered_last": "off", "optimizer_use_forecasts": "on",
	"optimizer_use_histograms": "on", "prefer_lookup_joins_for_fks": "off",
	"reorder_joins_limit": "8", "require_explicit_primary_keys": "off",
	"results_buffer_size": "524288", "serial_normalization": "rowid", "sql_safe_updates": "off",
	"statement_diagnostics": "off", "stub_catalog_tables": "on", "tracing": "off",
	"transaction_priority": "normal", "transaction_rows_read_err": "0",
	"transaction_rows_read_log": "0", "transaction_rows_written_err": "0",
	"transaction_rows_written_log": "0", "transaction_status": "NoTxn", "transaction_timeout": "0",
	"use_declarative_schema_changer": "on", "vector_search_beam_size": "32",
	"vector_search_rerank_multiplier": "50", "vectorize": "on",
}

func words(text string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(text) {
		set[w] = true
	}
	return set
}

func unknownVariable(name string) *sqlError {
	return refuse("42704", "unrecognized configuration parameter %q", name)
}

func (st *statement) ownVariable(name string) (string, bool) {
	p := st.session.front.persona
	if name == "vector_search_rerank_multiplier" && !p.hasRerank {
		return "", false
	}
	value, ok := ownVariables[name]
	switch {
	case name == "crdb_version":
		value = p.version()
	case name == "allow_unsafe_internals" && !p.internalsClosed:
		value = "on"
	case name == "create_table_with_schema_locked" && p.schemaLocked:
		value = "on"
	}
	return value, ok
}

func (st *statement) setVar(n *tree.SetVar) *sqlError {
	name := strings.ToLower(n.Name)
	if _, own := st.ownVariable(name); !own {
		if !sharedVariables[name] && !strings.Contains(name, ".") && name != "" {
			return unknownVariable(name)
		}
		if name == "search_path" {
			st.done = func() { st.session.setPath(n) }
		}
		return nil
	}
	value := settingValue(n.Values)
	if e := st.checkVariable(name, value, n.Reset); e != nil {
		return e
	}
	st.done = func() { st.session.settings.note(name, value) }
	list := tokens(st.sql)
	var e edits
	for _, t := range list {
		if t.word == name {
			e.insert(t.start, "crdb.")
			break
		}
	}
	st.text = e.apply(st.sql)
	return nil
}

func settingValue(values tree.Exprs) string {
	if len(values) != 1 {
		return ""
	}
	if s, ok := values[0].(*tree.StrVal); ok {
		return strings.ToLower(s.RawString())
	}
	return strings.ToLower(tree.AsString(values[0]))
}

func (s *settings) note(name, value string) {
	on := value == "on" || value == "true"
	switch name {
	case "sql_safe_updates":
		s.safeUpdates = on
	case "autocommit_before_ddl":
		s.keepTxn = !on && value != "" && value != "default"
	case "inject_retry_errors_enabled":
		s.injectRetry = on
	}
}

func (s *session) setPath(n *tree.SetVar) {
	s.path = nil
	for _, v := range n.Values {
		text := strings.Trim(tree.AsString(v), `'"`)
		if text == "$user" {
			text = s.user
		}
		s.path = append(s.path, text)
	}
	if len(s.path) == 0 || n.Reset {
		s.path = []string{"public"}
	}
}

// checkVariable holds a value against the variable's range.
func (st *statement) checkVariable(name, value string, reset bool) *sqlError {
	var low, high int
	switch name {
	case "vector_search_beam_size":
		low, high = 1, st.session.front.persona.maxBeam
	case "vector_search_rerank_multiplier":
		low, high = 0, 100
	case "crdb_version", "node_id", "transaction_status":
		return refuse("55P02", "parameter %q cannot be changed", name)
	default:
		return nil
	}
	if n, err := strconv.Atoi(value); !reset && value != "default" && (err != nil || n < low || n > high) {
		return refuse("22023", "%s cannot be less than %d or greater than %d", name, low, high)
	}
	return nil
}

// showVar is SHOW of a variable.
func (st *statement) showVar(n *tree.ShowVar) (string, *sqlError) {
	name := strings.ToLower(n.Name)
	if value, own := st.ownVariable(name); own {
		return "SELECT coalesce(nullif(pg_catalog.current_setting('crdb." + name + "', true), ''), " +
			quoteLiteral(value) + ") AS " + quoteName(name), nil
	}
	if name == "server_version" {
		return "SELECT '13.0.0' AS server_version", nil
	}
	if name != "all" && !sharedVariables[name] && !strings.Contains(name, ".") {
		return "", unknownVariable(name)
	}
	return "", nil
}

const gate = "feature.vector_index.enabled"

func (st *statement) showClusterSetting(n *tree.ShowClusterSetting) (string, *sqlError) {
	switch n.Name {
	case gate:
		return "SELECT " + strconv.FormatBool(st.session.front.vectorIndexes.Load()) + " AS " + quoteName(gate), nil
	case "version":
		return "SELECT " + quoteLiteral(st.session.front.persona.name) + " AS version", nil
	}
	return "", refuse("42704", "unknown setting: %q", n.Name)
}

// setClusterSetting may be done by a superuser, who stands for an admin.
func (st *statement) setClusterSetting(n *tree.SetClusterSetting) *sqlError {
	if n.Name != gate {
		return refuse("42704", "unknown cluster setting '%s'", n.Name)
	}
	value := ""
	if n.Value != nil {
		value = strings.Trim(strings.ToLower(tree.AsString(n.Value)), "'")
	}
	on := value == "true" || value == "on"
	if value == "default" || value == "" {
		on = st.session.front.persona.vectorIndexDefault
	}
	st.text = "SET crdb.gate = " + quoteLiteral(strconv.FormatBool(on))
	st.checks = append(st.checks, func() *sqlError {
		if !st.session.isAdmin() {
			return refuse("42501", "only users with the MODIFYCLUSTERSETTING privilege are allowed to "+
				"set cluster setting '%s'", gate)
		}
		return nil
	})
	st.done = func() { st.session.front.vectorIndexes.Store(on) }
	return nil
}
