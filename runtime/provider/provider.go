package provider

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/rawstore"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/storeimpl"
)

// Table is what a query engine sees of a table. Its methods may be called from
// several goroutines.
type Table interface {
	// Def describes the table. It reads nothing.
	Def() *TableDef
	// Stats estimates the number of rows. It reads some keys at most, whatever the
	// table's size. Of a table whose rows have owners a principal learns nothing.
	Stats(ctx context.Context) (Stats, error)
	// Scan begins a walk over rows. The cursor must be closed.
	Scan(ctx context.Context, req *ScanRequest) (Cursor, error)
}

// Mutable is a Table whose rows can be written, by the rules of its store:
// defaults, checks, uniqueness, expiry and access hold as for typed code.
//
// With Scope.Tx the writes are part of that transaction, else each is a commit of
// its own. A write that is refused has written nothing, and the transaction may go
// on.
type Mutable interface {
	Table
	// Insert writes a row that must be new and returns its encoded key. values are
	// by column; a null is a field that is not given, and a part of a key can be null
	// where it has a default. Errors match store.ErrExists,
	// store.ErrUnique, store.ErrInvalid and store.ErrDenied.
	Insert(ctx context.Context, s Scope, values []Value) (key []byte, err error)
	// Update changes some columns of the row that has an encoded key, or returns
	// store.ErrNotFound. What is not assigned keeps its value, hidden fields
	// included. The key itself cannot be changed.
	Update(ctx context.Context, s Scope, key []byte, set []Assignment) error
	// Delete removes the row that has an encoded key, and tells whether there was
	// one.
	Delete(ctx context.Context, s Scope, key []byte) (bool, error)
}

// Scope is where an operation runs, and for whom.
type Scope struct {
	// Tx is a transaction or a view of a snapshot: store.Transaction and
	// store.Snapshot give one to hold, store.DB's Update and View one inside of a
	// function. nil is the latest state, and a commit for each write. All of one
	// statement should have one Tx.
	Tx *store.Tx
	// Principal is whose rights bound the operation; nil is trusted code.
	Principal *access.Principal
}

// ScanRequest says what a scan shows.
type ScanRequest struct {
	Scope
	// Path is a position in TableDef.Paths; 0 is the key.
	Path int
	// Ranges are the runs of the path that are walked, none for all of it. They are
	// walked in the path's order, whatever order they are given in, and no row comes
	// twice, however they overlap. Equality on all columns of the key or of a unique index
	// looks rows up, without an iterator.
	Ranges []KeyRange
	// Columns are those whose values are wanted. None are needed for Cursor.Key.
	Columns ColSet
	// Limit ends the scan after so many rows, counted after expiry and access; 0 is
	// no limit.
	Limit int64
	// Reverse turns the path's order around.
	Reverse bool
}

// Cursor walks rows over one state of the database: it shows them as they were when it
// was opened, whatever its own transaction writes meanwhile. It is for one goroutine.
type Cursor interface {
	// Next moves to the next row. It returns false at the end and at an error.
	Next() bool
	// Value is the value of a column, by its position in TableDef.Columns. It is
	// valid until the next call of Next or Close. A column that was not asked for is
	// null, and an error at the next call of Next.
	Value(column int) Value
	// Key is the encoded key of the row, valid until the next call of Next or Close.
	Key() []byte
	// Err is the error that ended the walk; nil at a true end.
	Err() error
	// Close releases the cursor and returns Err. Closing twice is no error.
	Close() error
}

// Provider is the Mutable of a table in a store.
type Provider struct {
	def *TableDef
	raw rawstore.Table
}

var _ Mutable = (*Provider)(nil)

// New returns the provider of a table. That of a table guarded by As stays
// guarded; that of a table in a transaction runs in it.
func New(t interface{ Handle() *storeimpl.Handle }) *Provider { return of(rawstore.Of(t.Handle())) }

// Of is New for a table without its types. It is kept out of line, since each generated
// store calls it.
//
//go:noinline
func Of(h *storeimpl.Handle) Table { return of(rawstore.Of(h)) }

func of(raw rawstore.Table) *Provider {
	def, _ := raw.Kept().(*TableDef)
	if def == nil {
		def = raw.Keep(newDef(raw.Desc(), raw.Name(), raw.TableAccess())).(*TableDef)
	}
	return &Provider{def: def, raw: raw}
}

// Def implements Table.
func (p *Provider) Def() *TableDef { return p.def }

// in is the table in a scope.
func (p *Provider) in(s Scope) rawstore.Table {
	raw := p.raw
	if s.Tx != nil {
		raw = raw.In(s.Tx)
	}
	if s.Principal != nil {
		raw = raw.As(*s.Principal)
	}
	return raw
}

func (p *Provider) fail(op string, err error) error { return failed(p.def, op, err) }

func failed(def *TableDef, op string, err error) error {
	var e *store.Error
	var denied *access.DeniedError
	if err == nil || errors.As(err, &e) || errors.As(err, &denied) {
		return err
	}
	return &store.Error{Op: op, Table: def.Name, Err: err}
}

// Scan implements Table.
func (p *Provider) Scan(ctx context.Context, req *ScanRequest) (Cursor, error) {
	c, err := p.scan(ctx, req.Scope, req, nil)
	if err != nil {
		return nil, p.fail("scan", err)
	}
	return c, nil
}

// scan begins a scan in a scope, in place of the request's, with a decoder from where
// those of its path and columns are.
func (p *Provider) scan(ctx context.Context, s Scope, req *ScanRequest, decoders *sync.Pool) (*cursor, error) {
	raw := p.in(s)
	if err := raw.Allow(false); err != nil {
		return nil, err
	}
	if decoders == nil {
		if err := p.def.checkShape(req.Path, req.Columns); err != nil {
			return nil, err
		}
	}
	if req.Limit < 0 {
		return nil, fmt.Errorf("%w: a limit of %d", engine.ErrInvalid, req.Limit)
	}
	path := &p.def.Paths[req.Path]
	spans, points, err := p.def.runs(path, req.Ranges)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", engine.ErrInvalid, err)
	}
	c := &cursor{ctx: ctx, p: p, table: raw, spans: spans, all: points, limit: req.Limit, decoders: decoders}
	if decoders != nil {
		c.dec = decoders.Get().(*decoder)
	} else {
		c.dec = newDecoder(p.def, path, req.Columns)
	}
	c.scan = rawstore.Scan{Index: path.Index, Reverse: req.Reverse, NoValues: !c.dec.rows, Limit: int(min(req.Limit, 1<<30))}
	if path.mayRepeat(req.Ranges) {
		c.seen = map[string]struct{}{}
	}
	if len(spans) > 0 {
		c.open() // now, so that the state is that of the call
	}
	return c, nil
}

// Stats is what is known of a table without reading it.
type Stats struct {
	// Rows is the number of rows, meaningful where Known is set.
	Rows  int64
	Known bool
	// Exact says that Rows is no estimate.
	Exact bool
}

// Stats implements Table. The number is the size that the engine tells, divided
// by the mean size of the rows that scans have shown in this process, or where that does
// not tell, an estimate from some keys at both ends of the table. It is never said to be exact,
// and not known to a principal where rows have owners.
func (p *Provider) Stats(ctx context.Context) (Stats, error) {
	rows, known, err := p.raw.Estimate(ctx)
	return Stats{Rows: rows, Known: known}, p.fail("stats", err)
}
