package sqlstore

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"

	"github.com/ncruces/go-sqlite3"
	sqlite "github.com/ncruces/go-sqlite3/driver"
)

// source is an empty database in memory for each connection. What it has are virtual
// tables, and what a user makes in its temporary part. Times are left as they are: this
// package writes them.
const source = "file::memory:?_txlock=deferred&_timefmt=sqlite"

// mostAttached is how many databases SQLite attaches.
const mostAttached = 10

// connector makes connections.
type connector struct {
	pool  *pool
	inner driver.Connector
}

func newConnector(p *pool) (*connector, error) {
	inner, err := new(sqlite.SQLite).OpenConnector(source)
	if err != nil {
		return nil, err
	}
	return &connector{pool: p, inner: inner}, nil
}

// Driver implements driver.Connector.
func (c *connector) Driver() driver.Driver { return &sqlDriver{pool: c.pool} }

// sqlDriver stands for the tables of one Open.
type sqlDriver struct{ pool *pool }

// Open implements driver.Driver. There is no name by which a database could be opened.
func (*sqlDriver) Open(string) (driver.Conn, error) {
	return nil, errors.New("sqlstore: call sqlstore.Open")
}

// Connect implements driver.Connector.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	inner, err := c.inner.Connect(ctx)
	if err != nil {
		return nil, err
	}
	own := inner.(sqlite.Conn)
	s := &session{pool: c.pool, raw: own.Raw()}
	if err := s.define(); err != nil {
		return nil, errors.Join(s.explain(ctx, err), inner.Close())
	}
	return &conn{Conn: own, s: s}, nil
}

// define makes the tables.
func (s *session) define() error {
	if err := s.raw.CreateCollation(decimalCollation, compareDecimals); err != nil {
		return err
	}
	if err := s.raw.CreateCollation(timestampCollation, compareTimes); err != nil {
		return err
	}
	if err := s.register(); err != nil {
		return err
	}
	var schemas []string
	for _, t := range s.pool.tables {
		if err := s.create(quote(t.flat), t); err != nil {
			return err
		}
		schema, name := splitName(t.name)
		if schema == "" || reserved(name) || name == t.flat {
			continue
		}
		if !slices.Contains(schemas, schema) {
			if len(schemas) == mostAttached {
				continue // it has its flat name
			}
			if err := s.raw.Exec("ATTACH ':memory:' AS " + quote(schema)); err != nil {
				return err
			}
			schemas = append(schemas, schema)
		}
		if err := s.create(quote(schema)+"."+quote(name), t); err != nil {
			return err
		}
	}
	return s.raw.SetAuthorizer(s.authorize)
}

func (s *session) create(name string, t *table) error {
	if err := s.raw.Exec("CREATE VIRTUAL TABLE " + name + " USING " + moduleName + "(" + quote(t.name) + ")"); err != nil {
		return fmt.Errorf("table %s: %w", t.name, err)
	}
	return nil
}

// register makes the module known to the connection.
func (s *session) register() error {
	//lint:ignore SA1019 the method that is to take its place is there from Go 1.27 on
	return sqlite3.CreateModule(s.raw, moduleName, s.connect, s.connect)
}
