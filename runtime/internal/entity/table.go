// Package entity is what a table does, on bytes and on rows without types: it writes rows
// with their index entries, and reads them by key and by index. Generated code puts types
// on its Handle and its Run.
//
// It knows a table that is opened, and nothing of how it got its place in the catalog.
package entity

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/layout"
	"github.com/storegen/storegen/runtime/internal/mem"
	"github.com/storegen/storegen/runtime/internal/rowguard"
	"github.com/storegen/storegen/runtime/internal/txn"
	"github.com/storegen/storegen/runtime/record"
)

// Table is what a Handle does, on bytes: the rows of one space and their index
// entries.
type Table struct {
	DB      *DB
	Space   uint64
	Name    string // with the member of a family: shared[app/orders]
	Desc    *catalog.Table
	Codec   layout.RowCodec
	Access  access.Level
	keep    time.Duration // for rows that do not say how long
	Expires bool          // rows may
	Rows    []byte        // what the keys of all rows begin with
	End     []byte        // the first key behind them
	Indexes []layout.Index
	unique  int             // how many of them are
	indexed record.Fields   // those that entries are made of
	print   atomic.Uint64   // of the key's form, for cursors
	pool    mem.Pool        // of *scratch
	Seen    seenRows        // by raw scans
	guard   *rowguard.Guard // of its row cache, or nil
}

func NewTable(db *DB, space uint64, name string, desc *catalog.Table, codec layout.RowCodec, o TableOptions) *Table {
	t := &Table{DB: db, Space: space, Name: name, Desc: desc, Codec: codec, Access: desc.Access, keep: o.Keep, Expires: desc.TTL != nil}
	if o.Access != 0 {
		t.Access = o.Access
	}
	t.guard = db.guardOf(name, desc.Name)
	// One block for all, as there may be very many tables; most of these keys have
	// two to four bytes.
	mem := make([]byte, 0, 8*(1+len(desc.Indexes)))
	t.Rows, t.End, mem = layout.PartKeys(mem, space, layout.SpaceRows)
	t.indexed = layout.IndexedFields(desc)
	t.Indexes = make([]layout.Index, len(desc.Indexes))
	for i := range desc.Indexes {
		ix, d := &t.Indexes[i], &desc.Indexes[i]
		if d.Unique {
			t.unique++
		}
		ix.Desc, ix.Cols = d, layout.ColumnCodes(desc, d)
		ix.Prefix, ix.End, mem = layout.PartKeys(mem, space, uint64(d.Number))
	}
	t.pool = &sync.Pool{New: func() any {
		sc := &Scratch{row: codec.NewRow()}
		sc.slot = Slot{Row: sc.row, t: t, mem: sc}
		return sc
	}}
	return t
}

// Pk is the row's own part of its stored key.
func (t *Table) Pk(key []byte) []byte { return key[len(t.Rows):] }

// getRow reads the row at mem.key into mem, whose row is new but for its key.
func (t *Table) getRow(ctx context.Context, s *txn.Session, mem *Scratch) error {
	if err := t.Allow(s.Who, access.Read, t.Pk(mem.Key)); err != nil {
		return t.FailFor(s.Who, "get", mem.Key, err)
	}
	body, err := t.Get(ctx, s, mem.Key)
	if err == nil {
		if _, err = t.Codec.DecodeValue(body, mem.row, record.AllFields); err == nil {
			return nil
		}
		err = errs.Corrupt(mem.Key, err)
	}
	return t.FailFor(s.Who, "get", mem.Key, err)
}

// putRow writes a row in the session's transaction, or in one of its own.
func (t *Table) putRow(ctx context.Context, s *txn.Session, row any, m mode) error {
	if isNil(row) {
		return &errs.Error{Op: m.String(), Table: t.Name, Err: errNilRow}
	}
	err := s.Write(ctx, true, func(w *txn.Writer) error { return t.Put(ctx, w, s.Who, row, m) })
	if err == nil {
		return nil
	}
	return t.Fail(m.String(), t.Codec.AppendRowKey(bytes.Clone(t.Rows), row), err)
}

var errNilRow = record.Invalid("", "the row is nil")

// isNil reports whether a row is a nil pointer.
func isNil(row any) bool { return row == nil || reflect.ValueOf(row).IsNil() }

// manyAhead is how many rows of those that are written together are read at once.
const manyAhead = 1000

// putMany writes n rows in one transaction.
func (t *Table) putMany(ctx context.Context, s *txn.Session, n int, row func(i int) any, m mode) error {
	return t.Fail(m.String(), nil, s.Write(ctx, true, func(w *txn.Writer) error {
		for from := 0; from < n; from += manyAhead {
			if err := t.putSome(ctx, w, s.Who, from, min(from+manyAhead, n), row, m); err != nil {
				return err
			}
		}
		return nil
	}))
}

// putSome writes the rows from one to before another. What has to be read for them is
// read together. Where one is refused that needs no reading, those before it are written,
// as they are where another one is.
func (t *Table) putSome(ctx context.Context, w *txn.Writer, who *access.Principal, from, to int, row func(i int) any, m mode) error {
	defer w.EndAhead()
	refused := error(nil)
	together := to-from > 1 || t.claims(m)
	if together {
		n := 1
		if t.claims(m) {
			n += t.unique
		}
		w.RoomAhead(n * (to - from))
	}
	for i := from; i < to && refused == nil; i++ {
		if refused = t.readyFor(w, who, row(i), m, together); refused != nil {
			to = i
		}
	}
	if together {
		if err := t.readAhead(ctx, w, m.String()); err != nil {
			return err
		}
	}
	for i := from; i < to; i++ {
		if err := t.putReady(ctx, w, row(i), m); err != nil {
			return err
		}
	}
	return refused
}

// readyFor makes a row ready to be written, with what has to be read for it among what
// is read together, if that is so.
func (t *Table) readyFor(w *txn.Writer, who *access.Principal, row any, m mode, together bool) error {
	if isNil(row) {
		return &errs.Error{Op: m.String(), Table: t.Name, Err: errNilRow}
	}
	sc := t.Scratch()
	defer t.Release(sc)
	sc.unread = true
	if err := t.ready(w, who, sc, row, m); err != nil {
		return err
	}
	if together {
		t.ahead(w, sc, row, m)
	}
	return nil
}

// ahead adds the row at sc.Key to what is read together, and the unique entries that it
// will have where they are.
func (t *Table) ahead(w *txn.Writer, sc *Scratch, row any, m mode) {
	w.Ahead(sc.Key)
	if !t.claims(m) {
		return
	}
	t.entries(sc, row)
	for i := range sc.new.List {
		if t.Indexes[sc.new.List[i].Index].Desc.Unique {
			w.Ahead(sc.new.Key(i))
		}
	}
}

// putReady writes a row that is ready.
func (t *Table) putReady(ctx context.Context, w *txn.Writer, row any, m mode) error {
	sc := t.Scratch()
	defer t.Release(sc)
	sc.unread = true
	sc.Key = t.Codec.AppendRowKey(append(sc.Key[:0], t.Rows...), row)
	return t.put(ctx, w, sc, row, m)
}

// readAhead reads what was added to be read together. An error names the row.
func (t *Table) readAhead(ctx context.Context, w *txn.Writer, op string) error {
	err := w.ReadAhead(ctx)
	if err == nil || errors.Is(err, errs.ErrConflict) || ctx.Err() != nil {
		return err
	}
	if key, alone := w.FailedAhead(ctx); alone != nil && bytes.HasPrefix(key, t.Rows) {
		return t.Fail(op, key, alone)
	}
	return err
}

// claims reports whether the unique entries that rows will have are read together with
// the rows. For an insert they are needed, unless it fails. A put needs them only where
// they change, and mostly they do not: to read them all the same costs more than it saves,
// unless the engine is far away.
func (t *Table) claims(m mode) bool {
	return t.unique > 0 && (m == ModeInsert || t.DB.Shared)
}

// updateRow changes the row at sc.key in the session's transaction, or in one of its
// own.
func (t *Table) updateRow(ctx context.Context, s *txn.Session, sc *Scratch, change func(row any) error) error {
	err := t.Allow(s.Who, access.Write, t.Pk(sc.Key))
	if err == nil {
		err = s.Write(ctx, true, func(w *txn.Writer) error { return t.Update(ctx, w, sc, change) })
	}
	return t.Fail("update", sc.Key, err)
}

// deleteRow deletes the row at sc.key in the session's transaction, or in one of its
// own.
func (t *Table) deleteRow(ctx context.Context, s *txn.Session, sc *Scratch) error {
	err := t.Allow(s.Who, access.Write, t.Pk(sc.Key))
	if err == nil {
		err = s.Write(ctx, true, func(w *txn.Writer) error {
			_, err := t.delete(ctx, w, sc)
			return err
		})
	}
	return t.Fail("delete", sc.Key, err)
}

// mode says what a write expects to find.
type mode int

const (
	ModeInsert mode = iota // nothing
	modePut                // either
)

// String is the operation's name in errors.
func (m mode) String() string {
	if m == ModeInsert {
		return "insert"
	}
	return "put"
}

// Put writes a row under its key.
func (t *Table) Put(ctx context.Context, w *txn.Writer, who *access.Principal, row any, m mode) error {
	sc := t.Scratch()
	defer t.Release(sc)
	sc.unread = true
	if err := t.ready(w, who, sc, row, m); err != nil {
		return err
	}
	if t.claims(m) {
		defer w.EndAhead()
		t.ahead(w, sc, row, m)
		if err := w.ReadAhead(ctx); err != nil {
			return t.Fail(m.String(), sc.Key, err)
		}
	}
	return t.put(ctx, w, sc, row, m)
}

// ready makes a row ready to be written, and sc.Key its key.
func (t *Table) ready(w *txn.Writer, who *access.Principal, sc *Scratch, row any, m mode) error {
	t.Codec.Default(row, w.Clock)
	sc.Key = t.Codec.AppendRowKey(append(sc.Key[:0], t.Rows...), row)
	if err := t.Allow(who, access.Write, t.Pk(sc.Key)); err != nil {
		return err
	}
	return t.Fail(m.String(), sc.Key, t.Codec.Check(row))
}

// entries makes the entries that a row will have, in sc.new, unless that was done.
func (t *Table) entries(sc *Scratch, row any) {
	if sc.made {
		return
	}
	sc.made = true
	var expiry []byte
	if end, ok := t.Codec.Expires(row, t.keep); ok {
		sc.at = layout.InstantOf(end)
		expiry = sc.at[:]
	}
	sc.new.Reset(t.Indexes, t.Pk(sc.Key), expiry)
	t.Codec.Entries(&sc.new, row)
}

// put writes a row that is ready, at sc.Key.
func (t *Table) put(ctx context.Context, w *txn.Writer, sc *Scratch, row any, m mode) error {
	op := m.String()
	stored, found, err := w.Find(ctx, sc.Key)
	if err != nil {
		return t.Fail(op, sc.Key, err)
	}
	if !found {
		sc.Old.Reset(t.Indexes, nil, nil)
		return t.Fail(op, sc.Key, t.replace(ctx, w, sc, row, nil))
	}
	live, unknown, err := t.Load(w, sc, stored)
	switch {
	case err != nil:
		return t.Fail(op, sc.Key, err)
	case live && m == ModeInsert:
		return t.Fail(op, sc.Key, errs.ErrExists)
	case live:
		return t.Fail(op, sc.Key, t.replace(ctx, w, sc, row, unknown))
	}
	// The expired row is gone once another one is in its place, and not before.
	err = t.replace(ctx, w, sc, row, nil)
	if err == nil {
		err = t.NoteGone(w, sc.Key, stored)
	}
	return t.Fail(op, sc.Key, err)
}

// Update reads the row at sc.key into sc, has it changed, and writes it. The row is
// used again afterwards, and so is the memory that its key points into.
func (t *Table) Update(ctx context.Context, w *txn.Writer, sc *Scratch, change func(row any) error) error {
	const op = "update"
	stored, err := w.Tx.GetForUpdate(ctx, sc.Key)
	if err != nil {
		return t.Fail(op, sc.Key, err)
	}
	// The row is decoded once, for its old entries and to be changed.
	live, unknown, err := t.Load(w, sc, stored)
	if err == nil && !live {
		err = errs.ErrNotFound
	}
	if err != nil {
		return t.Fail(op, sc.Key, err)
	}
	walked := w.Walked()
	if w.Changes.Watches(t.Space) || walked {
		sc.Body = mem.CloneRow(sc.Body) // what the row points into may be changed in place
	}
	if err := sc.change(w, change); err != nil {
		return t.Fail(op, sc.Key, err)
	}
	if !walked && w.Walked() { // change has begun a walk, and not ended it
		if stored, err = w.Tx.Get(ctx, sc.Key); err == nil {
			_, sc.Body, err = layout.SplitValue(stored)
		}
		if err != nil {
			return t.Fail(op, sc.Key, err)
		}
	}
	sc.Value = t.Codec.AppendRowKey(sc.Value[:0], sc.row)
	if !bytes.Equal(sc.Value, t.Pk(sc.Key)) {
		return t.Fail(op, sc.Key, record.Invalid("", "an update cannot change the key of a row: insert the new one and delete the old one in a transaction"))
	}
	if err := t.Codec.Check(sc.row); err != nil {
		if err := t.newlyBroken(ctx, w, sc.Key, err); err != nil {
			return t.Fail(op, sc.Key, err)
		}
	}
	return t.Fail(op, sc.Key, t.replace(ctx, w, sc, sc.row, unknown))
}

// newlyBroken returns what an update breaks that the stored row does not: a row of
// before a rule came may go on breaking it, or none of its other fields could be
// updated any more. The row is read again, since the update may have changed in place
// what was read for it.
func (t *Table) newlyBroken(ctx context.Context, w *txn.Writer, key []byte, broken error) error {
	stored, err := w.Tx.GetForUpdate(ctx, key)
	if err != nil {
		return err
	}
	_, body, err := layout.SplitValue(stored)
	if err != nil {
		return errs.Corrupt(key, err)
	}
	row := t.Codec.NewRow()
	if _, err := layout.DecodeRow(t.Codec, t.Pk(key), body, row); err != nil {
		return errs.Corrupt(key, err)
	}
	return record.NewlyBroken(broken, t.Codec.Check(row))
}

// Load takes a stored row into sc, with the entries that it has, unsorted. A row that has
// expired is not live: for all but its removal it is not there. The row's key
// points into sc.
func (t *Table) Load(w *txn.Writer, sc *Scratch, stored []byte) (live bool, unknown []byte, err error) {
	sc.unread = false
	expiry, body, err := layout.SplitValue(stored)
	if err != nil {
		return false, nil, errs.Corrupt(sc.Key, err)
	}
	if unknown, err = layout.DecodeRow(t.Codec, t.Pk(sc.Key), body, sc.row); err != nil {
		return false, nil, errs.Corrupt(sc.Key, err)
	}
	sc.Old.Reset(t.Indexes, t.Pk(sc.Key), expiry)
	t.Codec.Entries(&sc.Old, sc.row)
	sc.Body, sc.Live = body, !w.Expired(expiry)
	return sc.Live, unknown, nil
}

// replace writes a row at sc.key in the place of what load found, or of nothing.
// All that can be refused is refused before the first write.
func (t *Table) replace(ctx context.Context, w *txn.Writer, sc *Scratch, row any, unknown []byte) error {
	t.entries(sc, row)
	expiry := sc.new.Expiry
	moved := !sc.new.Same(&sc.Old)
	if moved {
		sc.Old.Sort()
		sc.new.Sort()
		if err := t.claim(ctx, w, sc); err != nil {
			return err
		}
	}
	sc.Value = layout.AppendHeader(sc.Value[:0], expiry)
	header := len(sc.Value)
	sc.Value = append(t.Codec.AppendValue(sc.Value, row), unknown...)
	if err := t.fits(sc); err != nil {
		return err
	}
	t.Touch(w, sc.Key)
	w.Keep(sc.Key, sc.Body)
	if err := w.Put(sc.Key, sc.Value); err != nil {
		return err
	}
	t.Note(w, sc.Key, sc.Body, sc.Value[header:], sc.Body != nil && !sc.Live)
	if moved {
		if err := t.moveEntries(w, sc); err != nil {
			return err
		}
	}
	return t.MoveExpiry(w, sc, t.Pk(sc.Key), sc.Old.Expiry, expiry)
}

// wanted reports whether an entry of the new row is one that no other row may have, and
// that the old one did not have.
func (t *Table) wanted(sc *Scratch, i int) bool {
	return t.Indexes[sc.new.List[i].Index].Desc.Unique && !sc.Old.Has(sc.new.Key(i))
}

// wants is how many of them there are.
func (t *Table) wants(sc *Scratch) (n int) {
	if t.unique == 0 {
		return 0
	}
	for i := range sc.new.List {
		if t.wanted(sc, i) {
			n++
		}
	}
	return n
}

// claim makes sure that the row may have the unique values it wants. They are
// read in the transaction, so the commit fails if that changes before it.
func (t *Table) claim(ctx context.Context, w *txn.Writer, sc *Scratch) error {
	if t.wants(sc) > 1 && !w.ReadsAhead() {
		defer w.EndAhead()
		for i := range sc.new.List {
			if t.wanted(sc, i) {
				w.Ahead(sc.new.Key(i))
			}
		}
		if err := w.ReadAhead(ctx); err != nil {
			return err
		}
	}
	for i := range sc.new.List {
		if !t.wanted(sc, i) {
			continue
		}
		ix, key := &t.Indexes[sc.new.List[i].Index], sc.new.Key(i)
		v, found, err := w.Find(ctx, key)
		if err != nil {
			return err
		}
		if !found {
			continue
		}
		expiry, body, err := layout.SplitValue(v)
		if err != nil {
			return errs.Corrupt(key, err)
		}
		pk, _, err := layout.Holder(body)
		if err != nil {
			return errs.Corrupt(key, err)
		}
		switch {
		case bytes.Equal(pk, sc.new.Pk):
		case w.Expired(expiry):
			if err := t.Purge(ctx, w, append(bytes.Clone(t.Rows), pk...)); err != nil {
				return err
			}
		default:
			return &errs.UniqueError{Table: t.Name, Index: ix.Desc.Name, Value: t.FormatColumns(ix, key),
				Holder: layout.FormatKey(t.Codec, pk), HolderKey: pk}
		}
	}
	return nil
}

// fits checks the engine's limits.
func (t *Table) fits(sc *Scratch) error {
	l := t.DB.Limits
	if over(len(sc.Key), l.MaxKey) || over(len(sc.Value), l.MaxValue) {
		return tooLarge("the row", len(sc.Key), len(sc.Value), l)
	}
	for i := range sc.new.List {
		if k, v := len(sc.new.Key(i)), len(sc.new.Value(i)); over(k, l.MaxKey) || over(v, l.MaxValue) {
			return tooLarge("an entry of index "+t.Indexes[sc.new.List[i].Index].Desc.Name, k, v, l)
		}
	}
	return nil
}

func over(n, most int) bool { return most > 0 && n > most }

func tooLarge(what string, key, value int, l engine.Limits) error {
	return fmt.Errorf("%w: %s has a key of %d bytes and a value of %d; the engine takes %d and %d", errs.ErrTooLarge, what, key, value, l.MaxKey, l.MaxValue)
}

// moveEntries deletes the entries that the row no longer has and writes those
// that are new or changed. Both lists are sorted.
func (t *Table) moveEntries(w *txn.Writer, sc *Scratch) error {
	o, n := &sc.Old, &sc.new
	i, j := 0, 0
	for i < len(o.List) || j < len(n.List) {
		c := 0
		switch {
		case i == len(o.List):
			c = 1
		case j == len(n.List):
			c = -1
		default:
			c = bytes.Compare(o.Key(i), n.Key(j))
		}
		var err error
		switch {
		case c < 0:
			err = w.Delete(o.Key(i))
			i++
		case c > 0:
			err = w.Put(n.Key(j), n.Value(j))
			j++
		default:
			if !bytes.Equal(o.Value(i), n.Value(j)) {
				err = w.Put(n.Key(j), n.Value(j))
			}
			i++
			j++
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// MoveExpiry keeps the row's place in the order of expiry.
func (t *Table) MoveExpiry(w *txn.Writer, sc *Scratch, pk, from, to []byte) error {
	if bytes.Equal(from, to) {
		return nil
	}
	if from != nil {
		sc.Value = t.ExpiryKey(sc.Value[:0], from, pk)
		if err := w.Delete(sc.Value); err != nil {
			return err
		}
	}
	if to == nil {
		return nil
	}
	sc.Value = t.ExpiryKey(sc.Value[:0], to, pk)
	t.DB.Unswept.written(sc.Value)
	return w.Put(sc.Value, layout.PlainHeader)
}

func (t *Table) ExpiryKey(dst, expiry, pk []byte) []byte {
	dst = append(keys.AppendUvarint(dst, layout.SpaceExpiry), expiry...)
	return append(keys.AppendUvarint(dst, t.Space), pk...)
}

// delete removes the row at sc.key with all that belongs to it, and tells whether
// there was one. It makes no difference to it whether the row has expired.
func (t *Table) delete(ctx context.Context, w *txn.Writer, sc *Scratch) (bool, error) {
	stored, found, err := w.Find(ctx, sc.Key)
	if err != nil || !found {
		return false, err
	}
	return t.Remove(w, sc, stored)
}

// DeleteKey is delete for a key that is not in scratch memory.
func (t *Table) DeleteKey(ctx context.Context, w *txn.Writer, key []byte) (bool, error) {
	sc := t.Scratch()
	defer t.Release(sc)
	sc.Key = append(sc.Key[:0], key...)
	return t.delete(ctx, w, sc)
}

// Remove removes the row at sc.key, which was read.
func (t *Table) Remove(w *txn.Writer, sc *Scratch, stored []byte) (live bool, err error) {
	key := sc.Key
	expiry, body, err := layout.SplitValue(stored)
	if err != nil {
		return false, errs.Corrupt(key, err)
	}
	live = !w.Expired(expiry)
	sc.Old.Reset(t.Indexes, t.Pk(key), expiry)
	sc.new.Reset(t.Indexes, nil, nil)
	if len(t.Indexes) > 0 {
		t.Codec.Reset(sc.row)
		err := t.Codec.DecodeRowKey(t.Pk(key), sc.row)
		if err == nil {
			_, err = t.Codec.DecodeValue(body, sc.row, t.indexed)
		}
		if err != nil {
			return false, errs.Corrupt(key, err)
		}
		t.Codec.Entries(&sc.Old, sc.row)
		sc.Old.Sort()
	}
	if !live {
		if err := t.NoteGone(w, key, stored); err != nil {
			return false, err
		}
	}
	t.Touch(w, key)
	w.Keep(key, body)
	if err := w.Delete(key); err != nil {
		return false, err
	}
	if err := t.moveEntries(w, sc); err != nil {
		return false, err
	}
	t.Note(w, key, body, nil, !live)
	return live, t.MoveExpiry(w, sc, t.Pk(key), expiry, nil)
}

// Purge removes a row that has expired.
func (t *Table) Purge(ctx context.Context, w *txn.Writer, key []byte) error {
	_, err := t.DeleteKey(ctx, w, key)
	return err
}

// NoteGone keeps an expired row for the watchers, if there are any.
func (t *Table) NoteGone(w *txn.Writer, key, stored []byte) error {
	if len(t.DB.Watchers.Get(t.Name)) == 0 {
		return nil
	}
	_, body, err := layout.SplitValue(stored)
	if err != nil {
		return errs.Corrupt(key, err)
	}
	row := t.Codec.NewRow()
	if _, err := layout.DecodeRow(t.Codec, bytes.Clone(t.Pk(key)), body, row); err != nil {
		return errs.Corrupt(key, err)
	}
	w.Gone = append(w.Gone, txn.GoneRow{Table: t.Name, Row: row})
	return nil
}

// Get reads the value of the row at key, which the caller owns.
func (t *Table) Get(ctx context.Context, s *txn.Session, key []byte) ([]byte, error) {
	v, err := t.stored(ctx, s, key)
	if err != nil {
		return nil, err
	}
	expiry, body, err := layout.SplitValue(v)
	if err != nil {
		return nil, errs.Corrupt(key, err)
	}
	if expiry != nil {
		if now := layout.InstantOf(s.Time()); now.Expired(expiry) {
			return nil, errs.ErrNotFound
		}
	}
	return body, nil
}

// has tells whether the row at key is there.
func (t *Table) has(ctx context.Context, s *txn.Session, key []byte) (bool, error) {
	if err := t.Allow(s.Who, access.Read, t.Pk(key)); err != nil {
		return false, err
	}
	if !t.Expires {
		if _, ok := t.hit(ctx, s, key); ok {
			return true, nil
		}
		return s.R.Has(ctx, key)
	}
	_, err := t.Get(ctx, s, key)
	if errors.Is(err, errs.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// getMany reads rows by their stored keys, all of one state of the database: the
// row at i, if it is there, into what dst returns for i.
func (t *Table) getMany(ctx context.Context, s *txn.Session, stored [][]byte, dst func(i int, found bool) any) error {
	for _, key := range stored {
		if err := t.Allow(s.Who, access.Read, t.Pk(key)); err != nil {
			return t.FailFor(s.Who, "get", key, err)
		}
	}
	vals, err := t.storedMany(ctx, s, stored)
	if err != nil {
		return t.FailFor(s.Who, "get", nil, err)
	}
	now := layout.InstantOf(s.Time())
	for i, val := range vals {
		if val == nil {
			continue
		}
		expiry, body, err := layout.SplitValue(val)
		if err == nil && now.Expired(expiry) {
			continue
		}
		if err == nil {
			_, err = t.Codec.DecodeValue(body, dst(i, true), record.AllFields)
		}
		if err != nil {
			return t.FailFor(s.Who, "get", stored[i], errs.Corrupt(stored[i], err))
		}
	}
	return nil
}

// FormatColumns prints the columns of an index entry's key.
func (t *Table) FormatColumns(ix *layout.Index, key []byte) string {
	cols := make([]layout.TypedColumn, len(ix.Desc.Columns))
	for i, c := range ix.Desc.Columns {
		f := &t.Desc.Fields[c.Field]
		typ := &f.Type
		if c.Each {
			typ = typ.Elem
		}
		cols[i] = layout.TypedColumn{Typ: typ, Desc: c.Desc, Hidden: f.Hidden}
	}
	return layout.FormatTyped(bytes.Clone(key[len(ix.Prefix):]), cols)
}
