package entity

import (
	"context"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/commits"
	"github.com/storegen/storegen/runtime/internal/txn"
)

// Handle is a table without its Go types, for generated code to put types on:
// rows go by as an any that holds a pointer to the table's struct, keys in the
// key fields of a row. It is made by OpenTable and OpenMember, is not changed
// afterwards, and may be used from several goroutines unless it is tied to a
// transaction.
//
// Generated stores are thin over it, since they are compiled again for each
// table. For the same reason its methods, and those of Query and Slot, are kept
// out of line.
type Handle struct {
	t *Table
	s *txn.Session
}

// NewHandle is the table in a session.
func NewHandle(t *Table, s *txn.Session) Handle { return Handle{t: t, s: s} }

// PartsOf takes a handle apart. It is a function, and so not for those who import no
// internal package.
func PartsOf(h *Handle) (*Table, *txn.Session) { return h.t, h.s }

// With is the table inside a transaction or view, if tx is not nil, and as a
// principal may use it, if p is not nil. A table that is guarded already stays so
// for the principal that it has.
func (h *Handle) With(tx *txn.Tx, p *access.Principal) Handle {
	s := h.s
	if s.Who != nil {
		p = nil
	}
	if tx != nil {
		s = txn.SessionOf(tx)
		if h.s.Who != nil {
			p = h.s.Who
		}
	}
	if p != nil {
		s = s.As(*p)
	}
	return Handle{t: h.t, s: s}
}

// Name is the table's name, with its member where it belongs to a family.
//
//go:noinline
func (h *Handle) Name() string { return h.t.Name }

// Desc describes the table; it must not be changed.
//
//go:noinline
func (h *Handle) Desc() *catalog.Table { return h.t.Desc }

// TableAccess is the access level of the table.
//
//go:noinline
func (h *Handle) TableAccess() access.Level { return h.t.Access }

// CanRead reports whether a role may read the table.
//
//go:noinline
func (h *Handle) CanRead(r access.Role) bool { return h.t.Access.CanRead(r) }

// Check returns an InvalidError for a row that breaks a rule of its schema.
//
//go:noinline
func (h *Handle) Check(row any) error {
	if isNil(row) {
		return errNilRow
	}
	return h.t.Codec.Check(row)
}

// All is the whole table, in the order of its keys.
func (h *Handle) All() *Query { return &Query{t: h.t, s: h.s, ix: ByKey} }

// Index is the entries of the index at a position in the description, in their
// order.
func (h *Handle) Index(i int) *Query { return &Query{t: h.t, s: h.s, ix: i} }

// Bind makes to what With returns, and of runs first the whole table, in the order
// of its keys, and then the entries of its indexes, in the order of the
// description.
//
//go:noinline
func (h *Handle) Bind(tx *txn.Tx, p *access.Principal, to *Handle, runs ...*Query) {
	*to = h.With(tx, p)
	for i, r := range runs {
		*r = Query{t: to.t, s: to.s, ix: ByKey + i}
	}
}

// Insert writes a row that must be new.
//
//go:noinline
func (h *Handle) Insert(ctx context.Context, row any) error {
	return h.t.putRow(ctx, h.s, row, ModeInsert)
}

// Put writes a row, new or not.
//
//go:noinline
func (h *Handle) Put(ctx context.Context, row any) error {
	return h.t.putRow(ctx, h.s, row, modePut)
}

// WriteMany puts n rows in one commit, or inserts them.
//
//go:noinline
func (h *Handle) WriteMany(ctx context.Context, insert bool, n int, row func(i int) any) error {
	m := modePut
	if insert {
		m = ModeInsert
	}
	return h.t.putMany(ctx, h.s, n, row, m)
}

// GetMany reads n rows, all of one state of the database. row is called for each
// first, with found not set, for a row that has its key fields set, and then again
// for those that are there, for the row to read into, which has them too.
//
//go:noinline
func (h *Handle) GetMany(ctx context.Context, n int, row func(i int, found bool) any) error {
	stored := make([][]byte, n)
	buf := make([]byte, 0, (len(h.t.Rows)+24)*n)
	for i := range n {
		start := len(buf)
		buf = h.t.Codec.AppendRowKey(append(buf, h.t.Rows...), row(i, false))
		stored[i] = buf[start:len(buf):len(buf)]
	}
	return h.t.getMany(ctx, h.s, stored, row)
}

// DeleteRange removes the rows from one key up to but not including another, as
// Query.Delete does, and returns how many there were. It gives both slots back.
//
//go:noinline
func (h *Handle) DeleteRange(ctx context.Context, from, to *Slot) (int, error) {
	r := h.All()
	lo := h.t.Codec.AppendRowKey(r.At(), from.Row)
	hi := h.t.Codec.AppendRowKey(r.At(), to.Row)
	from.Release()
	to.Release()
	return r.Narrowing().Narrow(From, Whole, lo).Narrowing().Narrow(Before, Asc, hi).Delete(ctx)
}

// OnExpired has fn called with each row that was removed because it had expired. Where
// the table is guarded for a principal, it gets the rows that this one may read. On an
// engine that others write to it is refused as OnCommit is.
//
//go:noinline
func (h *Handle) OnExpired(fn func(row any)) {
	if t, who, all := h.t, h.s.Who, fn; who != nil {
		fn = func(row any) {
			if t.shows(who, t.Codec.AppendRowKey(nil, row)) {
				all(row)
			}
		}
	}
	if hs := &h.t.DB.Hooks; hs.Refuse != nil {
		hs.Errors(&commits.HookError{Table: h.t.Name, Err: hs.Refuse})
		return
	}
	h.t.DB.Watchers.Add(h.t.Name, fn)
}
