package sqlstore

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/ncruces/go-sqlite3"
	sqlite "github.com/ncruces/go-sqlite3/driver"
)

// conn is a connection. It ends what its statements leave open in the store, and gives
// their errors.
type conn struct {
	sqlite.Conn
	s *session
}

var (
	_ driver.ConnBeginTx        = &conn{}
	_ driver.ConnPrepareContext = &conn{}
	_ driver.ExecerContext      = &conn{}
	_ driver.Validator          = &conn{}
)

// done is what a call ends with.
func (s *session) done(ctx context.Context, err error) error {
	if open := s.settle(); err == nil {
		err = open
	}
	return s.explain(ctx, err)
}

// Prepare implements driver.Conn.
func (c *conn) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

// PrepareContext implements driver.ConnPrepareContext.
func (c *conn) PrepareContext(ctx context.Context, query string) (_ driver.Stmt, err error) {
	defer c.s.guard(&err)
	if isBlank(query) {
		return nothing{}, nil
	}
	c.s.named = false
	inner, err := c.Conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, c.s.done(ctx, err)
	}
	own, ok := inner.(statement)
	if !ok {
		return nil, errors.Join(errors.New("sqlstore: the driver of SQLite has changed its statements"), inner.Close())
	}
	return &stmt{statement: own, s: c.s, savepoint: c.s.named}, nil
}

// begins is told of a statement before it is run.
func (s *session) begins(savepoint bool) {
	if savepoint && s.raw.GetAutocommit() {
		s.outermost = true
	}
}

// ExecContext implements driver.ExecerContext: one statement or several, without arguments.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (_ driver.Result, err error) {
	defer c.s.guard(&err)
	if len(args) > 0 {
		return nil, driver.ErrSkip
	}
	old := c.s.raw.SetInterrupt(ctx)
	defer c.s.raw.SetInterrupt(old)
	before := c.s.raw.TotalChanges()
	c.s.raw.SetLastInsertRowID(0)
	for !isBlank(query) {
		c.s.named = false
		one, rest, err := c.s.raw.Prepare(query)
		if err == nil && one != nil {
			c.s.begins(c.s.named)
			err = errors.Join(one.Exec(), one.Close())
		}
		// Each statement ends by itself: what begins behind a COMMIT reads anew.
		if err = c.s.done(ctx, err); err != nil {
			return nil, err
		}
		query = rest
	}
	return c.s.result(before), nil
}

// BeginTx implements driver.ConnBeginTx.
func (c *conn) BeginTx(ctx context.Context, opts driver.TxOptions) (_ driver.Tx, err error) {
	defer c.s.guard(&err)
	inner, err := c.Conn.BeginTx(ctx, opts)
	if err != nil {
		return nil, c.s.done(ctx, err)
	}
	c.s.reads = opts.ReadOnly
	return &tx{Tx: inner, s: c.s}, nil
}

// Begin implements driver.Conn.
func (c *conn) Begin() (driver.Tx, error) {
	return c.BeginTx(context.Background(), driver.TxOptions{})
}

// Close implements driver.Conn.
func (c *conn) Close() error {
	err := c.closeSQLite()
	return errors.Join(err, c.s.close(&c.s.tx), c.s.close(&c.s.snapshot))
}

func (c *conn) closeSQLite() (err error) {
	defer c.s.guard(&err)
	if err := c.s.one.Close(); err != nil { // nil is no error
		return errors.Join(err, c.Conn.Close())
	}
	return c.Conn.Close()
}

// IsValid implements driver.Validator, which is asked when a connection goes back to the pool.
// One that was out of memory is not used again, nor one that was left in a transaction: the
// next user would be in it without having begun it, and until then it holds a snapshot.
func (c *conn) IsValid() bool { return !c.s.broken && c.s.raw.GetAutocommit() }

// tx is a transaction of database/sql.
type tx struct {
	driver.Tx
	s *session
}

// Commit implements driver.Tx.
func (t *tx) Commit() (err error) {
	defer t.s.guard(&err)
	return t.s.done(context.Background(), t.Tx.Commit())
}

// Rollback implements driver.Tx.
func (t *tx) Rollback() (err error) {
	defer t.s.guard(&err)
	return t.s.done(context.Background(), t.Tx.Rollback())
}

// result is what a call has changed.
type result struct{ key, rows int64 }

func (s *session) result(before int64) driver.Result {
	r := result{rows: s.raw.TotalChanges() - before}
	if r.rows > 0 {
		r.key = s.raw.LastInsertRowID()
	}
	return r
}

// LastInsertId implements driver.Result.
func (r result) LastInsertId() (int64, error) { return r.key, nil }

// RowsAffected implements driver.Result.
func (r result) RowsAffected() (int64, error) { return r.rows, nil }

// Raw is SQLite's connection, for what package sqlite3 can do with one, as functions in Go.
func (c *conn) Raw() *sqlite3.Conn { return c.s.raw }
