// Package sqlshell runs SQL for a person: statements from the command line, from a file, or
// typed one by one, whose rows it prints. It knows package database/sql alone, and not whose
// tables they are.
package sqlshell

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/storegen/storegen/cmd/storegen-db/internal/show"
)

// A Shell runs statements, all on one connection, so that a transaction can have several.
type Shell struct {
	DB     *sql.Conn
	Tables []Table
	Out    *bufio.Writer
	Err    io.Writer
	// Format is how rows are printed: table, json or csv.
	Format string
	// Terminal says that a person sees what is printed.
	Terminal bool
	// Schema is a table as a schema has it, by its name.
	Schema func(name string) (string, error)
	// Greeting is what is shown before the first statement is typed.
	Greeting string
	// Said is the text of an error; nil is its own.
	Said func(err error) string
	// Now is the time, for .timer.
	Now func() time.Time

	timer, explain bool
}

// A Table is one of those that statements can name.
type Table struct {
	Name    string // as statements write it
	Doc     string
	Columns []string
}

// Formats are the ways to print rows.
var Formats = []string{"table", "json", "csv"}

// Run runs all statements of a text, of which the last need not have a semicolon, and ends at
// the first that fails.
func (s *Shell) Run(ctx context.Context, text string) error {
	for rest := text; ; {
		statement, behind, ok := Split(rest)
		if !ok {
			if blank(rest) {
				return nil
			}
			return s.statement(ctx, rest)
		}
		if err := s.statement(ctx, statement); err != nil {
			return err
		}
		rest = behind
	}
}

// Script runs statements, and lines with a command of the shell between them, and ends at the
// first that fails.
func (s *Shell) Script(ctx context.Context, r io.Reader) error {
	in := bufio.NewReader(r)
	pending, begun := "", 1
	for line := 1; ; line++ {
		text, err := in.ReadString('\n')
		if err != nil && err != io.EOF {
			return err
		}
		if blank(pending) && strings.HasPrefix(text, ".") {
			quit, err := s.command(strings.TrimSpace(text))
			if err != nil {
				return fmt.Errorf("line %d: %w", line, err)
			}
			if quit {
				return nil
			}
			text, pending = "", ""
		}
		if blank(pending) {
			begun = line
		}
		pending += text
		for {
			statement, behind, ok := Split(pending)
			if !ok {
				break
			}
			if err := s.statement(ctx, statement); err != nil {
				return fmt.Errorf("line %d: %w", begun, err)
			}
			pending, begun = behind, line
		}
		if err == io.EOF {
			if blank(pending) {
				return nil
			}
			if err := s.statement(ctx, pending); err != nil {
				return fmt.Errorf("line %d: %w", begun, err)
			}
			return nil
		}
	}
}

// statement runs one statement and prints its rows.
func (s *Shell) statement(ctx context.Context, text string) error {
	if blank(text) {
		return nil
	}
	if err := s.plan(ctx, text); err != nil {
		return err
	}
	begun := s.now()
	err := s.answer(ctx, text)
	if flushed := s.Out.Flush(); err == nil {
		err = flushed
	}
	if err == nil && s.timer {
		fmt.Fprintf(s.Err, "%s\n", s.now().Sub(begun).Round(time.Microsecond))
	}
	return err
}

func (s *Shell) now() time.Time {
	if s.Now == nil {
		return time.Now()
	}
	return s.Now()
}

// answer runs a statement.
func (s *Shell) answer(ctx context.Context, text string) (err error) {
	if changes(text) {
		result, err := s.DB.ExecContext(ctx, text)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		if err != nil || s.Format == "csv" {
			return err
		}
		if s.Format == "json" {
			_, err = fmt.Fprintf(s.Out, "{\"changed\":%d}\n", n)
		} else {
			_, err = fmt.Fprintf(s.Out, "%s changed\n", show.Rows(n))
		}
		return err
	}
	rows, err := s.DB.QueryContext(ctx, text)
	if err != nil {
		return err
	}
	defer func() {
		if closed := rows.Close(); err == nil {
			err = closed
		}
	}()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	out, err := newWriter(s.Out, s.Format, s.Terminal, names)
	if err != nil {
		return err
	}
	values, into := make([]any, len(names)), make([]any, len(names))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if err := out.row(values); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return errors.Join(out.cut(), err) // what there was until then is printed
	}
	return out.end()
}

// plan prints how SQLite answers a statement, if that is asked for.
func (s *Shell) plan(ctx context.Context, text string) error {
	if !s.explain || explains(text) {
		return nil
	}
	rows, err := s.DB.QueryContext(ctx, "EXPLAIN QUERY PLAN "+text)
	if err != nil {
		return nil // the statement's own error is the better one
	}
	defer rows.Close()
	depth := map[int]int{0: -1}
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			return err
		}
		depth[id] = depth[parent] + 1
		fmt.Fprintf(s.Out, "%s· %s\n", strings.Repeat("  ", depth[id]), show.OneLine(detail))
	}
	return rows.Err()
}

// explains reports whether a statement has no plan that could be shown before it.
func explains(text string) bool {
	t, _ := (&scanner{text: text}).next()
	switch t.text {
	case "select", "with", "values", "insert", "update", "delete", "replace":
		return false
	}
	return true
}
