package logictest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ncruces/go-sqlite3"

	sqlite "github.com/ncruces/go-sqlite3/driver"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/dynamic"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/sqlstore"
)

// Target is what files run on.
type Target interface {
	// Exec runs a statement, and tells how many rows it changed.
	Exec(ctx context.Context, sql string) (int64, error)
	// Query runs a query. Values are int64, float64, string, []byte or nil.
	Query(ctx context.Context, sql string) (columns int, rows [][]any, err error)
	Close() error
}

// Native is a database of SQLite's own, in memory.
type Native struct{ conn *sqlite3.Conn }

// NewNative opens one.
func NewNative() (*Native, error) {
	c, err := sqlite3.Open(":memory:")
	if err != nil {
		return nil, err
	}
	return &Native{c}, nil
}

// Exec implements Target.
func (n *Native) Exec(_ context.Context, sql string) (int64, error) {
	before := n.conn.TotalChanges()
	_, _, err := read(n.conn, sql)
	return n.conn.TotalChanges() - before, err
}

// Query implements Target.
func (n *Native) Query(_ context.Context, sql string) (int, [][]any, error) {
	return read(n.conn, sql)
}

// Close implements Target.
func (n *Native) Close() error { return n.conn.Close() }

// read runs one statement by SQLite's own interface, which knows what type a value has.
func read(c *sqlite3.Conn, sql string) (int, [][]any, error) {
	st, _, err := c.Prepare(sql)
	if err != nil || st == nil {
		return 0, nil, err
	}
	n := st.ColumnCount()
	var rows [][]any
	for st.Step() {
		row := make([]any, n)
		for i := range row {
			switch st.ColumnType(i) {
			case sqlite3.INTEGER:
				row[i] = st.ColumnInt64(i)
			case sqlite3.FLOAT:
				row[i] = st.ColumnFloat(i)
			case sqlite3.TEXT:
				row[i] = st.ColumnText(i)
			case sqlite3.BLOB:
				row[i] = st.ColumnBlob(i, []byte{})
			}
		}
		rows = append(rows, row)
	}
	return n, rows, errors.Join(st.Err(), st.Close())
}

// Store is a database of tables in memory, by package sqlstore.
type Store struct {
	eng    kept
	db     *store.DB
	sql    *sql.DB
	conn   *sql.Conn // nil where the tables have changed
	raw    *sqlite3.Conn
	tables []*catalog.Table
	index  map[string]string // the table of an index, by its name in small letters
	number map[string]int    // the last number of an index that a table had
	views  []view
}

type view struct{ name, text string }

// kept is an engine that stays where its database is closed.
type kept struct{ *memory.DB }

func (kept) Close() error { return nil }

// NewStore opens one.
func NewStore(ctx context.Context) (*Store, error) {
	s := &Store{eng: kept{memory.New()}, index: map[string]string{}, number: map[string]int{}}
	var err error
	s.db, err = store.Open(ctx, s.eng, store.WithMigrate())
	return s, err
}

// Close implements Target.
func (s *Store) Close() error {
	return errors.Join(s.leave(), s.db.Close(), s.eng.DB.Close())
}

// drop drops a table. A database drops none that it has open, so it is opened anew.
func (s *Store) drop(ctx context.Context, i int) error {
	if err := errors.Join(s.leave(), s.db.Close()); err != nil {
		return err
	}
	var err error
	if s.db, err = store.Open(ctx, s.eng, store.WithMigrate()); err != nil {
		return err
	}
	return s.db.DropTable(ctx, s.tables[i].Name)
}

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// leave closes the connection, so that the next one sees other tables.
func (s *Store) leave() error {
	if s.conn == nil {
		return nil
	}
	err := errors.Join(s.conn.Close(), s.sql.Close())
	s.conn, s.sql, s.raw = nil, nil, nil
	return err
}

// enter opens the tables that there are now.
func (s *Store) enter(ctx context.Context) (err error) {
	if s.conn != nil {
		return nil
	}
	if s.sql, err = sqlstore.Open(s.db); err != nil {
		return err
	}
	if s.conn, err = s.sql.Conn(ctx); err != nil {
		return err
	}
	err = s.conn.Raw(func(dc any) error {
		s.raw = dc.(sqlite.Conn).Raw()
		return nil
	})
	if err != nil {
		return err
	}
	for _, v := range s.views {
		if _, err := s.conn.ExecContext(ctx, "create temp view "+v.text); err != nil {
			return fmt.Errorf("view %s: %w", v.name, err)
		}
	}
	return nil
}

// Exec implements Target.
func (s *Store) Exec(ctx context.Context, sql string) (int64, error) {
	if c, ok, err := ddl(sql); ok {
		if err == nil {
			err = s.change(ctx, c)
		}
		return 0, err
	}
	if err := s.enter(ctx); err != nil {
		return 0, err
	}
	res, err := s.conn.ExecContext(ctx, sql)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// Query implements Target. It reads by SQLite's own interface, which knows what type a value
// has; nothing of it is in the way between a read and its end.
func (s *Store) Query(ctx context.Context, sql string) (int, [][]any, error) {
	if err := s.enter(ctx); err != nil {
		return 0, nil, err
	}
	return read(s.raw, sql)
}

func (s *Store) table(name string) int {
	return slices.IndexFunc(s.tables, func(t *catalog.Table) bool { return strings.EqualFold(t.Name, name) })
}

func (s *Store) view(name string) int {
	return slices.IndexFunc(s.views, func(v view) bool { return strings.EqualFold(v.name, name) })
}

// change changes tables.
func (s *Store) change(ctx context.Context, c change) error {
	switch c.verb {
	case "create view", "drop view": // which the connection has
		return s.apply(ctx, c)
	}
	if s.raw != nil && !s.raw.GetAutocommit() {
		return not("a change of tables in a transaction")
	}
	if err := s.apply(ctx, c); err != nil {
		return err
	}
	return s.leave()
}

func (s *Store) apply(ctx context.Context, c change) error {
	key := strings.ToLower(c.name)
	taken := s.table(c.name) >= 0 || s.view(c.name) >= 0
	switch c.verb {
	case "create table":
		if taken && c.exists {
			return nil
		}
		if taken {
			return fmt.Errorf("table %s already exists", c.name)
		}
		d, err := c.table.describe(c.name)
		if err != nil {
			return err
		}
		if _, err := dynamic.Open(ctx, s.db, d); err != nil {
			return err
		}
		s.number[key] = len(d.Indexes)
		s.tables = append(s.tables, d)
	case "drop table":
		i := s.table(c.name)
		if i < 0 && c.exists {
			return nil
		}
		if i < 0 {
			return fmt.Errorf("no such table: %s", c.name)
		}
		if err := s.drop(ctx, i); err != nil {
			return err
		}
		for name, table := range s.index {
			if strings.EqualFold(table, c.name) {
				delete(s.index, name)
			}
		}
		s.tables = slices.Delete(s.tables, i, i+1)
	case "create view":
		if taken && c.exists {
			return nil
		}
		if taken {
			return fmt.Errorf("table %s already exists", c.name)
		}
		if err := s.enter(ctx); err != nil {
			return err
		}
		if _, err := s.conn.ExecContext(ctx, "create temp view "+c.view); err != nil {
			return err
		}
		s.views = append(s.views, view{c.name, c.view})
	case "drop view":
		i := s.view(c.name)
		if i < 0 && c.exists {
			return nil
		}
		if i < 0 {
			return fmt.Errorf("no such view: %s", c.name)
		}
		if s.conn != nil {
			if _, err := s.conn.ExecContext(ctx, "drop view temp."+quoted(s.views[i].name)); err != nil {
				return err
			}
		}
		s.views = slices.Delete(s.views, i, i+1)
	case "reindex": // indexes are never out of step
		if _, ok := s.index[key]; !ok && s.table(c.name) < 0 && c.name != "" {
			return fmt.Errorf("unable to identify the object to be reindexed: %s", c.name)
		}
	case "create index":
		return s.createIndex(ctx, c)
	case "drop index":
		return s.dropIndex(ctx, c)
	default:
		return fmt.Errorf("nothing is done for %s", c.verb)
	}
	return nil
}

func (s *Store) createIndex(ctx context.Context, c change) error {
	key := strings.ToLower(c.name)
	if _, ok := s.index[key]; ok {
		if c.exists {
			return nil
		}
		return fmt.Errorf("index %s already exists", c.name)
	}
	i := s.table(c.index.table)
	if i < 0 {
		return fmt.Errorf("no such table: %s", c.index.table)
	}
	table := strings.ToLower(c.index.table)
	err := s.reopen(ctx, i, func(d *catalog.Table) error {
		return c.index.addTo(d, c.name, s.number[table]+1)
	})
	if err != nil {
		return err
	}
	s.number[table]++
	s.index[key] = c.index.table
	return nil
}

func (s *Store) dropIndex(ctx context.Context, c change) error {
	key := strings.ToLower(c.name)
	table, ok := s.index[key]
	if !ok {
		if c.exists {
			return nil
		}
		return fmt.Errorf("no such index: %s", c.name)
	}
	err := s.reopen(ctx, s.table(table), func(d *catalog.Table) error {
		d.Indexes = slices.DeleteFunc(d.Indexes, func(ix catalog.Index) bool { return strings.EqualFold(ix.Name, c.name) })
		return nil
	})
	if err == nil {
		delete(s.index, key)
	}
	return err
}

// reopen opens a table by a changed description.
func (s *Store) reopen(ctx context.Context, i int, how func(d *catalog.Table) error) error {
	if err := s.leave(); err != nil {
		return err
	}
	d := *s.tables[i]
	d.Indexes = slices.Clone(d.Indexes)
	if err := how(&d); err != nil {
		return err
	}
	if _, err := dynamic.Open(ctx, s.db, &d); err != nil {
		return err
	}
	s.tables[i] = &d
	return nil
}
