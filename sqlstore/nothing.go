package sqlstore

import (
	"database/sql/driver"
	"io"
	"strings"
)

// nothing is the statement of a text that has none, as one of comments alone. SQLite's driver
// takes no such text.
type nothing struct{}

// isBlank reports whether a text has no statement: spaces, comments and semicolons.
func isBlank(query string) bool {
	for {
		query = strings.TrimLeft(query, " \t\r\n\f;")
		switch {
		case query == "":
			return true
		case strings.HasPrefix(query, "--"):
			_, rest, ok := strings.Cut(query, "\n")
			if !ok {
				return true
			}
			query = rest
		case strings.HasPrefix(query, "/*"):
			_, rest, ok := strings.Cut(query[2:], "*/")
			if !ok {
				return true
			}
			query = rest
		default:
			return false
		}
	}
}

// Close implements driver.Stmt and driver.Rows.
func (nothing) Close() error { return nil }

// NumInput implements driver.Stmt.
func (nothing) NumInput() int { return 0 }

// Exec implements driver.Stmt.
func (nothing) Exec([]driver.Value) (driver.Result, error) { return result{}, nil }

// Query implements driver.Stmt.
func (nothing) Query([]driver.Value) (driver.Rows, error) { return nothing{}, nil }

// Columns implements driver.Rows.
func (nothing) Columns() []string { return nil }

// Next implements driver.Rows.
func (nothing) Next([]driver.Value) error { return io.EOF }
