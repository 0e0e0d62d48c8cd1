// SPDX-License-Identifier: Apache-2.0

// The tokens of one statement, and edits of its text. Rewriting goes by tokens and not by printing
// the syntax tree anew: what the client wrote reaches the server as it wrote it, but for the edits.

package main

import (
	"sort"
	"strings"

	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/lexbase"
	"github.com/cockroachdb/cockroachdb-parser/pkg/sql/scanner"
)

type token struct {
	id         int32
	word       string // lower case for key words and plain names; the name itself when quoted
	quoted     bool
	start, end int
	depth      int // of parentheses, brackets and braces around it
}

func tokens(sql string) []token {
	var list []token
	depth := 0
	for _, t := range scanner.Inspect(sql) {
		if t.ID == 0 || t.ID == lexbase.ERROR {
			break
		}
		text := sql[t.Start:t.End]
		end := int(t.Start) + len(strings.TrimRight(text, " \t\r\n"))
		switch t.ID {
		case ')', ']', '}':
			depth--
		}
		list = append(list, token{
			id: t.ID, word: t.Str, quoted: strings.HasPrefix(text, `"`),
			start: int(t.Start), end: end, depth: depth,
		})
		switch t.ID {
		case '(', '[', '{':
			depth++
		}
	}
	return list
}

// is says whether the token is this unquoted word.
func (t token) is(word string) bool {
	return !t.quoted && t.word == word && t.id != lexbase.SCONST && t.id > 255
}

// isName says whether the token may be a name.
func (t token) isName() bool {
	switch t.id {
	case lexbase.SCONST, lexbase.ICONST, lexbase.FCONST, lexbase.BCONST, lexbase.PLACEHOLDER:
		return false
	}
	return t.quoted || (len(t.word) > 0 && isLetter(t.word[0]) && t.id > 255)
}

func isLetter(c byte) bool {
	return c == '_' || c >= 0x80 || (c|0x20 >= 'a' && c|0x20 <= 'z')
}

// at says whether words stand from position i on.
func at(list []token, i int, words ...string) bool {
	if i < 0 || i+len(words) > len(list) {
		return false
	}
	for k, w := range words {
		t := list[i+k]
		if len(w) == 1 && !isLetter(w[0]) {
			if t.id != int32(w[0]) {
				return false
			}
		} else if !t.is(w) {
			return false
		}
	}
	return true
}

// find gives the first position from i on where words stand at this depth, or -1.
func find(list []token, i, depth int, words ...string) int {
	for ; i < len(list); i++ {
		if list[i].depth == depth && at(list, i, words...) {
			return i
		}
	}
	return -1
}

// closing gives the position of the token that closes the one at i.
func closing(list []token, i int) int {
	for k := i + 1; k < len(list); k++ {
		if list[k].depth == list[i].depth {
			return k
		}
	}
	return len(list) - 1
}

// edit replaces the bytes [start, end) by text.
type edit struct {
	start, end int
	text       string
}

type edits []edit

func (e *edits) replace(start, end int, text string) { *e = append(*e, edit{start, end, text}) }
func (e *edits) insert(at int, text string)          { e.replace(at, at, text) }
func (e *edits) remove(from, to token)               { e.replace(from.start, to.end, "") }

// apply makes all edits; those at one place stand in the order in which they were given.
func (e edits) apply(sql string) string {
	if len(e) == 0 {
		return sql
	}
	sorted := append(edits(nil), e...)
	sort.SliceStable(sorted, func(i, j int) bool { return sorted[i].start < sorted[j].start })
	var b strings.Builder
	pos := 0
	for _, one := range sorted {
		if one.start < pos { // inside something that was replaced already
			continue
		}
		b.WriteString(sql[pos:one.start])
		b.WriteString(one.text)
		pos = one.end
	}
	b.WriteString(sql[pos:])
	return b.String()
}
