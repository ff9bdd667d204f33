package logictest

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Kind is what a record is.
type Kind int

// The kinds of records.
const (
	Statement Kind = iota + 1
	Query
	Threshold // results of more values than N are hashed
	Halt
	Unknown // a record that the format does not have
)

// Sort is how the values of a result are sorted before they are compared.
type Sort string

// The sorts.
const (
	NoSort    Sort = "nosort"
	RowSort   Sort = "rowsort"
	ValueSort Sort = "valuesort"
)

// Record is a part of a file.
type Record struct {
	Kind  Kind
	Line  int // of its first line
	SQL   string
	Fails bool   // it is to fail, with an error that matches Match
	Match string // a regular expression, or ""
	N     int64  // of Threshold; the rows that are to change, or -1
	Types string
	Sort  Sort
	Label string
	Want  []string // a line each
	Told  bool     // there was a ----
	// Skip and Only are the names of skipif and onlyif.
	Skip, Only []string
	Problem    string   // of Unknown: what is wrong
	head, text []string // as it was written: the lines before the result, for Update
}

// Runs reports whether a record is for the database of a name.
func (r *Record) Runs(name string) bool {
	for _, s := range r.Skip {
		if s == name {
			return false
		}
	}
	for _, o := range r.Only {
		if o != name {
			return false
		}
	}
	return true
}

// Parse reads a file, record by record. What is not known becomes a record of its own, and
// no error: what stands around it can run all the same.
func Parse(r io.Reader) (out []Record, err error) {
	in := bufio.NewScanner(r)
	in.Buffer(make([]byte, 1<<16), 1<<26)
	var block []string
	line, first := 0, 0
	var comments []string
	flush := func() {
		if len(block) > 0 {
			rec := record(block, first)
			rec.head = comments
			out = append(out, rec)
		} else if len(comments) > 0 {
			out = append(out, Record{head: comments, Line: first})
		}
		block, comments = nil, nil
	}
	for in.Scan() {
		line++
		text := strings.TrimRight(in.Text(), "\r")
		switch {
		case strings.TrimSpace(text) == "":
			flush()
		case len(block) == 0 && strings.HasPrefix(text, "#"):
			if len(comments) == 0 {
				first = line
			}
			comments = append(comments, text)
		default:
			if len(block) == 0 {
				first = line
			}
			block = append(block, text)
		}
	}
	flush()
	return out, in.Err()
}

// record reads the lines of one.
func record(lines []string, at int) Record {
	r := Record{Line: at, Sort: NoSort, N: -1, text: lines}
	unknown := func(format string, args ...any) Record {
		r.Kind, r.Problem = Unknown, fmt.Sprintf(format, args...)
		return r
	}
	for len(lines) > 0 {
		words := strings.Fields(lines[0])
		if i := strings.Index(lines[0], " #"); i >= 0 && (words[0] == "skipif" || words[0] == "onlyif" || words[0] == "hash-threshold" || words[0] == "halt") {
			words = strings.Fields(lines[0][:i])
		}
		lines, r.Line = lines[1:], r.Line+1
		switch words[0] {
		case "skipif", "onlyif":
			if len(words) != 2 {
				return unknown("%s wants one name", words[0])
			}
			if words[0] == "skipif" {
				r.Skip = append(r.Skip, words[1])
			} else {
				r.Only = append(r.Only, words[1])
			}
			continue
		}
		if strings.HasPrefix(words[0], "#") {
			continue
		}
		r.Line--
		switch words[0] {
		case "halt":
			r.Kind = Halt
			return r
		case "subtest":
			return r
		case "hash-threshold":
			n, err := strconv.ParseInt(strings.Join(words[1:], " "), 10, 64)
			if err != nil {
				return unknown("hash-threshold wants a number")
			}
			r.Kind, r.N = Threshold, n
			return r
		case "statement":
			return statement(r, words, lines)
		case "query":
			return query(r, words, lines)
		}
		return unknown("there are no records of the kind %q: want statement, query, hash-threshold, halt, skipif or onlyif", words[0])
	}
	return unknown("skipif and onlyif stand before nothing")
}

func statement(r Record, words, lines []string) Record {
	r.Kind = Statement
	r.SQL, r.Want, r.Told = split(lines)
	if len(words) < 2 {
		words = append(words, "")
	}
	switch words[1] {
	case "ok":
	case "error":
		r.Fails, r.Match = true, strings.Join(words[2:], " ")
	case "count":
		n, err := strconv.ParseInt(strings.Join(words[2:], " "), 10, 64)
		if err != nil {
			r.Kind, r.Problem = Unknown, "statement count wants a number"
		}
		r.N = n
	default:
		r.Kind, r.Problem = Unknown, fmt.Sprintf("statement wants ok, error or count, and has %q", words[1])
	}
	return r
}

func query(r Record, words, lines []string) Record {
	r.Kind = Query
	r.SQL, r.Want, r.Told = split(lines)
	if len(words) > 1 && words[1] == "error" {
		r.Fails, r.Match = true, strings.Join(words[2:], " ")
		return r
	}
	if len(words) < 2 || strings.Trim(words[1], "ITR") != "" {
		r.Kind, r.Problem = Unknown, "query wants a letter for each column: I, R or T"
		return r
	}
	r.Types = words[1]
	if len(words) > 2 {
		switch s := Sort(words[2]); s {
		case NoSort, RowSort, ValueSort:
			r.Sort = s
		default:
			r.Kind, r.Problem = Unknown, fmt.Sprintf("a result is sorted by nosort, rowsort or valuesort, and not by %q", words[2])
		}
	}
	if len(words) > 3 {
		r.Label = words[3]
	}
	return r
}

// split splits the lines of a record at ----.
func split(lines []string) (sql string, want []string, told bool) {
	for i, l := range lines {
		if l == "----" {
			return strings.Join(lines[:i], "\n"), lines[i+1:], true
		}
	}
	return strings.Join(lines, "\n"), nil, false
}
