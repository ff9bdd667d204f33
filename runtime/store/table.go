package store

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
	"github.com/storegen/storegen/runtime/record"
)

// table is what a Handle does, on bytes: the rows of one space and their index
// entries.
type table struct {
	db      *DB
	space   uint64
	name    string // with the member of a family: shared[app/orders]
	desc    *catalog.Table
	codec   RowCodec
	access  access.Level
	keep    time.Duration // for rows that do not say how long
	expires bool          // rows may
	rows    []byte        // what the keys of all rows begin with
	end     []byte        // the first key behind them
	indexes []index
	indexed record.Fields // those that entries are made of
	print   atomic.Uint64 // of the key's form, for cursors
	pool    pool          // of *scratch
	seen    seenRows      // by raw scans
	guard   *rowGuard     // of its row cache, or nil
}

// index is an index of a table.
type index struct {
	desc   *catalog.Index
	prefix []byte // what the keys of all entries begin with
	end    []byte // the first key behind them
	cols   []columnCode
	print  atomic.Uint64 // of its form, for cursors
}

// pool is a *sync.Pool. By that type, whoever imports this package would have the
// compiler read all that a pool is made of.
type pool interface {
	Get() any
	Put(x any)
}

// scratch is what one write needs of memory, for use again.
type scratch struct {
	key, value []byte
	row        any     // the stored row
	at         instant // when the new row expires
	old, new   Entries
	body       []byte // the fields of the stored row as they stand; nil where there is none
	live       bool   // it has not expired
	unread     bool   // row was not read into, nor anything else done with it
	updating   updating
	slot       Slot // for an operation on row
}

func newTable(db *DB, space uint64, name string, desc *catalog.Table, codec RowCodec, o tableOptions) *table {
	t := &table{db: db, space: space, name: name, desc: desc, codec: codec, access: desc.Access, keep: o.keep, expires: desc.TTL != nil}
	if o.access != 0 {
		t.access = o.access
	}
	t.guard = db.guardOf(name, desc.Name)
	// One block for all, as there may be very many tables; most of these keys have
	// two to four bytes.
	mem := make([]byte, 0, 8*(1+len(desc.Indexes)))
	t.rows, t.end, mem = partKeys(mem, space, spaceRows)
	t.indexed = indexedFields(desc)
	t.indexes = make([]index, len(desc.Indexes))
	for i := range desc.Indexes {
		ix, d := &t.indexes[i], &desc.Indexes[i]
		ix.desc, ix.cols = d, columnCodes(desc, d)
		ix.prefix, ix.end, mem = partKeys(mem, space, uint64(d.Number))
	}
	t.pool = &sync.Pool{New: func() any {
		sc := &scratch{row: codec.NewRow()}
		sc.slot = Slot{Row: sc.row, t: t, mem: sc}
		return sc
	}}
	return t
}

// partKeys appends to mem what the keys of a part of a space begin with, and the
// first key behind them.
func partKeys(mem []byte, space, part uint64) (prefix, end, grown []byte) {
	n := len(mem)
	mem = keys.AppendUvarint(keys.AppendUvarint(mem, space), part)
	prefix = mem[n:len(mem):len(mem)]
	n = len(mem)
	mem, ok := keys.AppendSuccessor(mem, prefix)
	if ok {
		end = mem[n:len(mem):len(mem)]
	}
	return prefix, end, mem
}

// indexedFields are the numbers of the fields that a table's entries are made of.
func indexedFields(desc *catalog.Table) (of record.Fields) {
	add := func(field int) { of.Add(desc.Fields[field].Number) }
	for _, ix := range desc.Indexes {
		for _, c := range ix.Columns {
			add(c.Field)
		}
		for _, f := range ix.Include {
			add(f)
		}
		if ix.Where != nil {
			addExpr(ix.Where, add)
		}
	}
	return of
}

// addExpr calls add with the positions of the fields in a condition.
func addExpr(e *catalog.Expr, add func(field int)) {
	switch e.Op {
	case catalog.Has, catalog.True, catalog.FieldOf, catalog.LenOf:
		add(e.Field)
	}
	for i := range e.Args {
		addExpr(&e.Args[i], add)
	}
}

func (t *table) scratch() *scratch { return t.pool.Get().(*scratch) }

// release gives memory back; the row goes first, so that nothing it points to
// is kept.
func (t *table) release(sc *scratch) {
	if !sc.unread {
		t.codec.Reset(sc.row)
	}
	sc.body, sc.live, sc.unread = nil, false, false
	sc.slot.s = nil
	t.pool.Put(sc)
}

// pk is the row's own part of its stored key.
func (t *table) pk(key []byte) []byte { return key[len(t.rows):] }

// fail makes err an error of this table. key is a row's stored key, or nil.
func (t *table) fail(op string, key []byte, err error) error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return err
	}
	text := ""
	if key != nil {
		text = formatKey(t.codec, bytes.Clone(t.pk(key)))
		if isDecodeError(err) {
			err = corrupt(key, err)
		}
	}
	return &Error{Op: op, Table: t.name, Key: text, Err: err}
}

// getRow reads the row at mem.key into mem, whose row is new but for its key.
func (t *table) getRow(ctx context.Context, s *session, mem *scratch) error {
	if err := t.allow(s.who, access.Read, t.pk(mem.key)); err != nil {
		return t.failFor(s.who, "get", mem.key, err)
	}
	body, err := t.get(ctx, s, mem.key)
	if err == nil {
		if _, err = t.codec.DecodeValue(body, mem.row, record.AllFields); err == nil {
			return nil
		}
		err = corrupt(mem.key, err)
	}
	return t.failFor(s.who, "get", mem.key, err)
}

// putRow writes a row in the session's transaction, or in one of its own.
func (t *table) putRow(ctx context.Context, s *session, row any, m mode) error {
	if isNil(row) {
		return &Error{Op: m.String(), Table: t.name, Err: errNilRow}
	}
	err := s.write(ctx, true, func(w *writer) error { return t.put(ctx, w, s.who, row, m) })
	if err == nil {
		return nil
	}
	return t.fail(m.String(), t.codec.AppendRowKey(bytes.Clone(t.rows), row), err)
}

var errNilRow = record.Invalid("", "the row is nil")

// isNil reports whether a row is a nil pointer.
func isNil(row any) bool { return row == nil || reflect.ValueOf(row).IsNil() }

// putMany writes n rows in one transaction.
func (t *table) putMany(ctx context.Context, s *session, n int, row func(i int) any, m mode) error {
	return t.fail(m.String(), nil, s.write(ctx, true, func(w *writer) error {
		for i := range n {
			r := row(i)
			if isNil(r) {
				return &Error{Op: m.String(), Table: t.name, Err: errNilRow}
			}
			if err := t.put(ctx, w, s.who, r, m); err != nil {
				return err
			}
		}
		return nil
	}))
}

// updateRow changes the row at sc.key in the session's transaction, or in one of its
// own.
func (t *table) updateRow(ctx context.Context, s *session, sc *scratch, change func(row any) error) error {
	err := t.allow(s.who, access.Write, t.pk(sc.key))
	if err == nil {
		err = s.write(ctx, true, func(w *writer) error { return t.update(ctx, w, sc, change) })
	}
	return t.fail("update", sc.key, err)
}

// deleteRow deletes the row at sc.key in the session's transaction, or in one of its
// own.
func (t *table) deleteRow(ctx context.Context, s *session, sc *scratch) error {
	err := t.allow(s.who, access.Write, t.pk(sc.key))
	if err == nil {
		err = s.write(ctx, true, func(w *writer) error {
			_, err := t.delete(ctx, w, sc)
			return err
		})
	}
	return t.fail("delete", sc.key, err)
}

// mode says what a write expects to find.
type mode int

const (
	modeInsert mode = iota // nothing
	modePut                // either
)

// String is the operation's name in errors.
func (m mode) String() string {
	if m == modeInsert {
		return "insert"
	}
	return "put"
}

// put writes a row under its key.
func (t *table) put(ctx context.Context, w *writer, who *access.Principal, row any, m mode) error {
	op := m.String()
	sc := t.scratch()
	defer t.release(sc)
	sc.unread = true
	t.codec.Default(row, w.clock)
	sc.key = t.codec.AppendRowKey(append(sc.key[:0], t.rows...), row)
	if err := t.allow(who, access.Write, t.pk(sc.key)); err != nil {
		return err
	}
	if err := t.codec.Check(row); err != nil {
		return t.fail(op, sc.key, err)
	}
	stored, err := w.tx.GetForUpdate(ctx, sc.key)
	if isNotFound(err) {
		sc.old.reset(t.indexes, nil, nil)
		return t.fail(op, sc.key, t.replace(ctx, w, sc, row, nil))
	}
	if err != nil {
		return t.fail(op, sc.key, err)
	}
	live, unknown, err := t.load(w, sc, stored)
	switch {
	case err != nil:
		return t.fail(op, sc.key, err)
	case live && m == modeInsert:
		return t.fail(op, sc.key, ErrExists)
	case live:
		return t.fail(op, sc.key, t.replace(ctx, w, sc, row, unknown))
	}
	// The expired row is gone once another one is in its place, and not before.
	err = t.replace(ctx, w, sc, row, nil)
	if err == nil {
		err = t.noteGone(w, sc.key, stored)
	}
	return t.fail(op, sc.key, err)
}

// update reads the row at sc.key into sc, has it changed, and writes it. The row is
// used again afterwards, and so is the memory that its key points into.
func (t *table) update(ctx context.Context, w *writer, sc *scratch, change func(row any) error) error {
	const op = "update"
	stored, err := w.tx.GetForUpdate(ctx, sc.key)
	if err != nil {
		return t.fail(op, sc.key, err)
	}
	// The row is decoded once, for its old entries and to be changed.
	live, unknown, err := t.load(w, sc, stored)
	if err == nil && !live {
		err = ErrNotFound
	}
	if err != nil {
		return t.fail(op, sc.key, err)
	}
	walked := w.walked()
	if w.changes.watches(t.space) || walked {
		sc.body = cloneRow(sc.body) // what the row points into may be changed in place
	}
	if err := sc.change(w, change); err != nil {
		return t.fail(op, sc.key, err)
	}
	if !walked && w.walked() { // change has begun a walk, and not ended it
		if stored, err = w.tx.Get(ctx, sc.key); err == nil {
			_, sc.body, err = splitValue(stored)
		}
		if err != nil {
			return t.fail(op, sc.key, err)
		}
	}
	sc.value = t.codec.AppendRowKey(sc.value[:0], sc.row)
	if !bytes.Equal(sc.value, t.pk(sc.key)) {
		return t.fail(op, sc.key, record.Invalid("", "an update cannot change the key of a row: insert the new one and delete the old one in a transaction"))
	}
	if err := t.codec.Check(sc.row); err != nil {
		if err := t.newlyBroken(ctx, w, sc.key, err); err != nil {
			return t.fail(op, sc.key, err)
		}
	}
	return t.fail(op, sc.key, t.replace(ctx, w, sc, sc.row, unknown))
}

// newlyBroken returns what an update breaks that the stored row does not: a row of
// before a rule came may go on breaking it, or none of its other fields could be
// updated any more. The row is read again, since the update may have changed in place
// what was read for it.
func (t *table) newlyBroken(ctx context.Context, w *writer, key []byte, broken error) error {
	stored, err := w.tx.GetForUpdate(ctx, key)
	if err != nil {
		return err
	}
	_, body, err := splitValue(stored)
	if err != nil {
		return corrupt(key, err)
	}
	row := t.codec.NewRow()
	if _, err := decodeRow(t.codec, t.pk(key), body, row); err != nil {
		return corrupt(key, err)
	}
	return record.NewlyBroken(broken, t.codec.Check(row))
}

// load takes a stored row into sc, with the entries that it has, unsorted. A row that has
// expired is not live: for all but its removal it is not there. The row's key
// points into sc.
func (t *table) load(w *writer, sc *scratch, stored []byte) (live bool, unknown []byte, err error) {
	sc.unread = false
	expiry, body, err := splitValue(stored)
	if err != nil {
		return false, nil, corrupt(sc.key, err)
	}
	if unknown, err = decodeRow(t.codec, t.pk(sc.key), body, sc.row); err != nil {
		return false, nil, corrupt(sc.key, err)
	}
	sc.old.reset(t.indexes, t.pk(sc.key), expiry)
	t.codec.Entries(&sc.old, sc.row)
	sc.body, sc.live = body, !w.expired(expiry)
	return sc.live, unknown, nil
}

// replace writes a row at sc.key in the place of what load found, or of nothing.
// All that can be refused is refused before the first write.
func (t *table) replace(ctx context.Context, w *writer, sc *scratch, row any, unknown []byte) error {
	pk := t.pk(sc.key)
	var expiry []byte
	if end, ok := t.codec.Expires(row, t.keep); ok {
		sc.at = instantOf(end)
		expiry = sc.at[:]
	}
	sc.new.reset(t.indexes, pk, expiry)
	t.codec.Entries(&sc.new, row)
	moved := !sc.new.same(&sc.old)
	if moved {
		sc.old.sort()
		sc.new.sort()
		if err := t.claim(ctx, w, sc); err != nil {
			return err
		}
	}
	sc.value = appendHeader(sc.value[:0], expiry)
	header := len(sc.value)
	sc.value = append(t.codec.AppendValue(sc.value, row), unknown...)
	if err := t.fits(sc); err != nil {
		return err
	}
	t.touch(w, sc.key)
	w.keep(sc.key, sc.body)
	if err := w.tx.Put(sc.key, sc.value); err != nil {
		return err
	}
	t.note(w, sc.key, sc.body, sc.value[header:], sc.body != nil && !sc.live)
	if moved {
		if err := t.moveEntries(w, sc); err != nil {
			return err
		}
	}
	return t.moveExpiry(w, sc, pk, sc.old.expiry, expiry)
}

// claim makes sure that the row may have the unique values it wants. They are
// read in the transaction, so the commit fails if that changes before it.
func (t *table) claim(ctx context.Context, w *writer, sc *scratch) error {
	for i := range sc.new.list {
		ix := &t.indexes[sc.new.list[i].index]
		if !ix.desc.Unique || sc.old.has(sc.new.key(i)) {
			continue
		}
		key := sc.new.key(i)
		v, found, err := w.find(ctx, key)
		if err != nil {
			return err
		}
		if !found {
			continue
		}
		expiry, body, err := splitValue(v)
		if err != nil {
			return corrupt(key, err)
		}
		pk, _, err := holder(body)
		if err != nil {
			return corrupt(key, err)
		}
		switch {
		case bytes.Equal(pk, sc.new.pk):
		case w.expired(expiry):
			if err := t.purge(ctx, w, append(bytes.Clone(t.rows), pk...)); err != nil {
				return err
			}
		default:
			return &UniqueError{Table: t.name, Index: ix.desc.Name, Value: t.formatColumns(ix, key),
				Holder: formatKey(t.codec, pk), HolderKey: pk}
		}
	}
	return nil
}

// has reports whether there is an entry with this key.
func (e *Entries) has(key []byte) bool {
	for i := range e.list {
		if bytes.Equal(e.key(i), key) {
			return true
		}
	}
	return false
}

// fits checks the engine's limits.
func (t *table) fits(sc *scratch) error {
	l := t.db.limits
	if over(len(sc.key), l.MaxKey) || over(len(sc.value), l.MaxValue) {
		return tooLarge("the row", len(sc.key), len(sc.value), l)
	}
	for i := range sc.new.list {
		if k, v := len(sc.new.key(i)), len(sc.new.value(i)); over(k, l.MaxKey) || over(v, l.MaxValue) {
			return tooLarge("an entry of index "+t.indexes[sc.new.list[i].index].desc.Name, k, v, l)
		}
	}
	return nil
}

func over(n, most int) bool { return most > 0 && n > most }

func tooLarge(what string, key, value int, l engine.Limits) error {
	return fmt.Errorf("%w: %s has a key of %d bytes and a value of %d; the engine takes %d and %d", ErrTooLarge, what, key, value, l.MaxKey, l.MaxValue)
}

// moveEntries deletes the entries that the row no longer has and writes those
// that are new or changed. Both lists are sorted.
func (t *table) moveEntries(w *writer, sc *scratch) error {
	o, n := &sc.old, &sc.new
	i, j := 0, 0
	for i < len(o.list) || j < len(n.list) {
		c := 0
		switch {
		case i == len(o.list):
			c = 1
		case j == len(n.list):
			c = -1
		default:
			c = bytes.Compare(o.key(i), n.key(j))
		}
		var err error
		switch {
		case c < 0:
			err = w.tx.Delete(o.key(i))
			i++
		case c > 0:
			err = w.tx.Put(n.key(j), n.value(j))
			j++
		default:
			if !bytes.Equal(o.value(i), n.value(j)) {
				err = w.tx.Put(n.key(j), n.value(j))
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

// moveExpiry keeps the row's place in the order of expiry.
func (t *table) moveExpiry(w *writer, sc *scratch, pk, from, to []byte) error {
	if bytes.Equal(from, to) {
		return nil
	}
	if from != nil {
		sc.value = t.expiryKey(sc.value[:0], from, pk)
		if err := w.tx.Delete(sc.value); err != nil {
			return err
		}
	}
	if to == nil {
		return nil
	}
	sc.value = t.expiryKey(sc.value[:0], to, pk)
	t.db.unswept.written(sc.value)
	return w.tx.Put(sc.value, plainHeader)
}

// plainHeader is the value of an entry that holds nothing.
var plainHeader = []byte{formatPlain}

func (t *table) expiryKey(dst, expiry, pk []byte) []byte {
	dst = append(keys.AppendUvarint(dst, spaceExpiry), expiry...)
	return append(keys.AppendUvarint(dst, t.space), pk...)
}

// delete removes the row at sc.key with all that belongs to it, and tells whether
// there was one. It makes no difference to it whether the row has expired.
func (t *table) delete(ctx context.Context, w *writer, sc *scratch) (bool, error) {
	stored, found, err := w.find(ctx, sc.key)
	if err != nil || !found {
		return false, err
	}
	return t.remove(w, sc, stored)
}

// deleteKey is delete for a key that is not in scratch memory.
func (t *table) deleteKey(ctx context.Context, w *writer, key []byte) (bool, error) {
	sc := t.scratch()
	defer t.release(sc)
	sc.key = append(sc.key[:0], key...)
	return t.delete(ctx, w, sc)
}

// remove removes the row at sc.key, which was read.
func (t *table) remove(w *writer, sc *scratch, stored []byte) (live bool, err error) {
	key := sc.key
	expiry, body, err := splitValue(stored)
	if err != nil {
		return false, corrupt(key, err)
	}
	live = !w.expired(expiry)
	sc.old.reset(t.indexes, t.pk(key), expiry)
	sc.new.reset(t.indexes, nil, nil)
	if len(t.indexes) > 0 {
		t.codec.Reset(sc.row)
		err := t.codec.DecodeRowKey(t.pk(key), sc.row)
		if err == nil {
			_, err = t.codec.DecodeValue(body, sc.row, t.indexed)
		}
		if err != nil {
			return false, corrupt(key, err)
		}
		t.codec.Entries(&sc.old, sc.row)
		sc.old.sort()
	}
	if !live {
		if err := t.noteGone(w, key, stored); err != nil {
			return false, err
		}
	}
	t.touch(w, key)
	w.keep(key, body)
	if err := w.tx.Delete(key); err != nil {
		return false, err
	}
	if err := t.moveEntries(w, sc); err != nil {
		return false, err
	}
	t.note(w, key, body, nil, !live)
	return live, t.moveExpiry(w, sc, t.pk(key), expiry, nil)
}

// purge removes a row that has expired.
func (t *table) purge(ctx context.Context, w *writer, key []byte) error {
	_, err := t.deleteKey(ctx, w, key)
	return err
}

// noteGone keeps an expired row for the watchers, if there are any.
func (t *table) noteGone(w *writer, key, stored []byte) error {
	if len(t.db.watchers.get(t.name)) == 0 {
		return nil
	}
	_, body, err := splitValue(stored)
	if err != nil {
		return corrupt(key, err)
	}
	row := t.codec.NewRow()
	if _, err := decodeRow(t.codec, bytes.Clone(t.pk(key)), body, row); err != nil {
		return corrupt(key, err)
	}
	w.gone = append(w.gone, goneRow{table: t.name, row: row})
	return nil
}

// get reads the value of the row at key, which the caller owns.
func (t *table) get(ctx context.Context, s *session, key []byte) ([]byte, error) {
	v, err := t.stored(ctx, s, key)
	if err != nil {
		return nil, err
	}
	expiry, body, err := splitValue(v)
	if err != nil {
		return nil, corrupt(key, err)
	}
	if expiry != nil {
		if now := instantOf(s.time()); now.expired(expiry) {
			return nil, ErrNotFound
		}
	}
	return body, nil
}

// has tells whether the row at key is there.
func (t *table) has(ctx context.Context, s *session, key []byte) (bool, error) {
	if err := t.allow(s.who, access.Read, t.pk(key)); err != nil {
		return false, err
	}
	if !t.expires {
		if _, ok := t.hit(ctx, s, key); ok {
			return true, nil
		}
		return s.r.Has(ctx, key)
	}
	_, err := t.get(ctx, s, key)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// getMany reads rows by their stored keys, all of one state of the database: the
// row at i, if it is there, into what dst returns for i.
func (t *table) getMany(ctx context.Context, s *session, stored [][]byte, dst func(i int, found bool) any) error {
	for _, key := range stored {
		if err := t.allow(s.who, access.Read, t.pk(key)); err != nil {
			return t.failFor(s.who, "get", key, err)
		}
	}
	vals, err := t.storedMany(ctx, s, stored)
	if err != nil {
		return t.failFor(s.who, "get", nil, err)
	}
	now := instantOf(s.time())
	for i, val := range vals {
		if val == nil {
			continue
		}
		expiry, body, err := splitValue(val)
		if err == nil && now.expired(expiry) {
			continue
		}
		if err == nil {
			_, err = t.codec.DecodeValue(body, dst(i, true), record.AllFields)
		}
		if err != nil {
			return t.failFor(s.who, "get", stored[i], corrupt(stored[i], err))
		}
	}
	return nil
}

// formatColumns prints the columns of an index entry's key.
func (t *table) formatColumns(ix *index, key []byte) string {
	cols := make([]typedColumn, len(ix.desc.Columns))
	for i, c := range ix.desc.Columns {
		f := &t.desc.Fields[c.Field]
		typ := &f.Type
		if c.Each {
			typ = typ.Elem
		}
		cols[i] = typedColumn{typ: typ, desc: c.Desc, hidden: f.Hidden}
	}
	return formatTyped(bytes.Clone(key[len(ix.prefix):]), cols)
}
