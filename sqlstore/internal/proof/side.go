package proof

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"

	"github.com/storegen/storegen/runtime/kind"
)

// Answer is what a statement gives.
type Answer struct {
	Columns []string
	Rows    [][]Value
	Changes int64 // rows that were changed, as SQLite counts them
	Err     error
}

// Side is a connection that statements are run on.
type Side struct {
	conn   *sqlite3.Conn
	held   *sql.Conn // nil where conn is the side's own
	checks int       // functions that checked has made
}

// NewNative opens an empty database of SQLite's own.
func NewNative() (*Side, error) {
	c, err := sqlite3.Open(":memory:")
	if err != nil {
		return nil, err
	}
	return &Side{conn: c}, nil
}

// NewSide takes a connection of a database out of its pool.
func NewSide(ctx context.Context, db *sql.DB) (*Side, error) {
	c, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	s := &Side{held: c}
	err = c.Raw(func(dc any) error {
		raw, ok := dc.(driver.Conn)
		if !ok {
			return fmt.Errorf("%T is no connection of SQLite", dc)
		}
		s.conn = raw.Raw()
		return nil
	})
	if err != nil {
		c.Close()
		return nil, err
	}
	return s, nil
}

// Close gives the connection back.
func (s *Side) Close() error {
	if s.held != nil {
		return s.held.Close()
	}
	return s.conn.Close()
}

// Exec runs statements of which no rows are wanted.
func (s *Side) Exec(sql string) error { return s.conn.Exec(sql) }

// Do runs a statement that writes, or begins or ends a transaction, and tells how many rows
// it has changed.
func (s *Side) Do(ctx context.Context, sql string, args ...Value) (int64, error) {
	if s.held == nil {
		a := s.Run(sql, args...)
		return a.Changes, a.Err
	}
	var values []any
	for _, v := range args {
		values = append(values, v)
	}
	r, err := s.held.ExecContext(ctx, sql, values...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// Run runs one statement. It sees the values as SQLite has them, without what package sql
// makes of them.
func (s *Side) Run(sql string, args ...Value) (a Answer) {
	st, _, err := s.conn.Prepare(sql)
	if err != nil {
		return Answer{Err: err}
	}
	if st == nil {
		return Answer{}
	}
	defer func() {
		if err := st.Close(); a.Err == nil {
			a.Err = err
		}
	}()
	return s.step(st, args)
}

// step runs a statement that may have run before.
func (s *Side) step(st *sqlite3.Stmt, args []Value) (a Answer) {
	for i, v := range args {
		if err := bind(st, i+1, v); err != nil {
			return Answer{Err: err}
		}
	}
	before := s.conn.TotalChanges()
	n := st.ColumnCount()
	for i := range n {
		a.Columns = append(a.Columns, st.ColumnName(i))
	}
	for st.Step() {
		row := make([]Value, n)
		for i := range row {
			row[i] = column(st, i)
		}
		a.Rows = append(a.Rows, row)
	}
	a.Err = st.Err()
	if err := st.Reset(); a.Err == nil {
		a.Err = err
	}
	if a.Err != nil {
		return Answer{Err: a.Err}
	}
	a.Changes = s.conn.TotalChanges() - before
	return a
}

func bind(st *sqlite3.Stmt, at int, v Value) error {
	switch v := v.(type) {
	case nil:
		return st.BindNull(at)
	case int64:
		return st.BindInt64(at, v)
	case float64:
		return st.BindFloat(at, v)
	case string:
		return st.BindText(at, v)
	case []byte:
		if len(v) == 0 {
			return st.BindZeroBlob(at, 0)
		}
		return st.BindBlob(at, v)
	}
	return fmt.Errorf("%T is no value of SQL", v)
}

func column(st *sqlite3.Stmt, i int) Value {
	switch t := st.ColumnType(i); t {
	case sqlite3.NULL:
		return nil
	case sqlite3.INTEGER:
		return st.ColumnInt64(i)
	case sqlite3.FLOAT:
		return st.ColumnFloat(i)
	case sqlite3.TEXT:
		return st.ColumnText(i)
	case sqlite3.BLOB:
		return append([]byte{}, st.ColumnRawBlob(i)...)
	default:
		panic(fmt.Sprintf("a column of the unknown type %d", t))
	}
}

// rows runs a statement that shows rows as package sql does, so that what it begins is ended.
func (s *Side) rows(ctx context.Context, query string, args ...any) (a Answer) {
	rows, err := s.held.QueryContext(ctx, query, args...)
	if err != nil {
		return Answer{Err: err}
	}
	defer rows.Close()
	if a.Columns, err = rows.Columns(); err != nil {
		return Answer{Err: err}
	}
	for rows.Next() {
		row := make([]any, len(a.Columns))
		to := make([]any, len(row))
		for i := range row {
			to[i] = &row[i]
		}
		if err := rows.Scan(to...); err != nil {
			return Answer{Err: err}
		}
		values := make([]Value, len(row))
		for i, v := range row {
			values[i] = plainValue(v)
		}
		a.Rows = append(a.Rows, values)
	}
	if err := rows.Err(); err != nil {
		return Answer{Err: err}
	}
	return a
}

// plainValue is a value that package sql has made another one of, as SQLite has it.
func plainValue(v any) Value {
	switch v := v.(type) {
	case bool:
		if v {
			return int64(1)
		}
		return int64(0)
	case time.Time:
		return shows(kind.TimestampOf(v))
	}
	return v
}
