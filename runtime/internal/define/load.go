package define

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/entity"
	"github.com/storegen/storegen/runtime/internal/layout"
	"github.com/storegen/storegen/runtime/internal/records"
	"github.com/storegen/storegen/runtime/internal/runs"
	"github.com/storegen/storegen/runtime/internal/txn"
)

// A table that is empty and not open is filled without a transaction for its rows: all that
// is stored of them is sorted first, each kind by itself, and then written in the order of
// keys, which engines like best. What is there twice is found on the way. Until all is
// written the record of the table says that it is being loaded: whoever opens the table
// then, after a crash or in another program, clears it, and each batch of the load makes
// sure that nobody has. The order of expiry comes last, so that a sweep finds whole rows.

const (
	loadMemory = 64 << 20 // bytes of pairs that are sorted at once, by default
	loadOps    = 4096     // writes in a commit
	loadBytes  = 1 << 20
)

// LoadTable fills a table, which it gives a place if it has none, with rows, and returns
// how many there were. Rows that have expired are left out. The table must be empty, and
// this program must not have it open. On an error, it is empty as before.
func LoadTable(ctx context.Context, db *entity.DB, c layout.RowCodec, rows iter.Seq2[any, error], opts ...entity.TableOption) (int, error) {
	t, keys, o, err := tableToOpen(ctx, db, c, opts)
	if err != nil {
		return 0, err
	}
	return load(ctx, db, t, keys, o, rows)
}

// LoadMember fills a member of a family: see LoadTable and OpenMember.
func LoadMember(ctx context.Context, db *entity.DB, c layout.RowCodec, member []byte, text string, invalid error, rows iter.Seq2[any, error], opts ...entity.TableOption) (int, error) {
	t, keys, o, err := memberToOpen(ctx, db, c, member, text, invalid, opts)
	if err != nil {
		return 0, err
	}
	return load(ctx, db, t, keys, o, rows)
}

// loading is a load of a table.
type loading struct {
	db    *entity.DB
	t     *entity.Table
	mark  mark
	token string
}

func load(ctx context.Context, db *entity.DB, t *entity.Table, at mark, o entity.TableOptions, rows iter.Seq2[any, error]) (n int, err error) {
	l := &loading{db: db, t: t, mark: at, token: rand.Text()}
	if err := l.take(); err != nil {
		return 0, t.Fail("load", nil, err)
	}
	defer l.give()
	// Before all rows are read for nothing; begin looks again.
	if err := db.Run(ctx, db.Usual(), false, func(w *txn.Writer) error { return l.empty(ctx, w) }); err != nil {
		return 0, t.Fail("load", nil, err)
	}
	sorters := make([]*runs.Sorter, t.Loads())
	memory := o.Memory
	if memory <= 0 {
		memory = loadMemory
	}
	defer func() { // also where rows panics
		for _, s := range sorters {
			err = errors.Join(err, s.Close())
		}
	}()
	for i := range sorters {
		sorters[i] = runs.New(memory/len(sorters), "")
	}
	if n, err = l.sort(ctx, sorters, rows); err != nil {
		return 0, t.Fail("load", nil, err)
	}
	if err := l.begin(ctx); err != nil {
		return 0, t.Fail("load", nil, err)
	}
	if err = l.write(ctx, sorters); err == nil {
		err = l.mark.set(ctx, db, l.token, "")
	}
	db.Unswept.Forget()
	if err != nil {
		// If this fails too, who opens the table next does it.
		_ = clearLoad(context.WithoutCancel(ctx), db, t.Space, l.mark, l.token)
		return 0, t.Fail("load", nil, err)
	}
	return n, nil
}

// take makes sure that this program does nothing else with the table.
func (l *loading) take() error {
	l.db.Mu.Lock()
	defer l.db.Mu.Unlock()
	switch space := l.t.Space; {
	case space == layout.SpaceNone:
		return errs.ErrReadOnly
	case l.db.Tables[space] != nil:
		return fmt.Errorf("%w: this program has the table open; load it before it is opened", errs.ErrInUse)
	case l.db.Forsaken[space]:
		return fmt.Errorf("%w: it is being dropped", errs.ErrInUse)
	case l.db.Loading[space]:
		return fmt.Errorf("%w: this program is loading it", errs.ErrInUse)
	}
	if l.db.Loading == nil {
		l.db.Loading = map[uint64]bool{}
	}
	l.db.Loading[l.t.Space] = true
	return nil
}

func (l *loading) give() {
	l.db.Mu.Lock()
	delete(l.db.Loading, l.t.Space)
	l.db.Mu.Unlock()
}

// sort takes the rows apart.
func (l *loading) sort(ctx context.Context, sorters []*runs.Sorter, rows iter.Seq2[any, error]) (n int, err error) {
	now := func() time.Time { return l.db.Now().UTC() }
	add := func(kind int, key, value []byte) error { return sorters[kind].Add(key, value) }
	at := 0
	for row, err := range rows {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return 0, err
		}
		live, err := l.t.Pairs(row, at, now, add)
		if err != nil {
			return 0, err
		}
		at++
		if live {
			n++
		}
	}
	return n, nil
}

// begin marks the table, which has to be empty. The mark is on stable storage before
// anything else can be.
func (l *loading) begin(ctx context.Context) error {
	o := l.db.Usual()
	o.Sync = true
	return l.db.Run(ctx, o, false, func(w *txn.Writer) error {
		if err := l.empty(ctx, w); err != nil {
			return err
		}
		return l.mark.change(ctx, w, "", l.token)
	})
}

// empty makes sure that nothing is stored of the table.
func (l *loading) empty(ctx context.Context, w *txn.Writer) error {
	space := keys.AppendUvarint(nil, l.t.Space)
	it := w.Tx.Iterate(ctx, engine.Range{Start: space, End: keys.Successor(space), KeysOnly: true, Limit: 1})
	found := it.Next()
	if err := it.Close(); err != nil {
		return err
	}
	if found {
		return fmt.Errorf("%w: the table has rows, or expired ones that were not swept; load into an empty table, or insert with InsertMany", errs.ErrExists)
	}
	return nil
}

// goesOn makes sure that nobody has ended the load.
func (l *loading) goesOn(ctx context.Context, w *txn.Writer) error {
	return l.mark.is(ctx, w, l.token)
}

// write writes what was sorted.
func (l *loading) write(ctx context.Context, sorters []*runs.Sorter) error {
	for kind, s := range sorters {
		m, err := s.Sorted()
		if err != nil {
			return err
		}
		once := &once{Iterator: m, t: l.t, kind: kind}
		if in, ok := l.db.Eng.(engine.Ingester); ok && !l.db.Shared {
			err = in.Ingest(ctx, once)
		} else {
			err = l.commits(ctx, once)
		}
		if err == nil {
			err = once.Close() // which an engine may have left out
		}
		if err := errors.Join(err, s.Close()); err != nil {
			return err
		}
	}
	return nil
}

// commits writes pairs in commits that the engine's limits allow.
func (l *loading) commits(ctx context.Context, from engine.Iterator) error {
	ops, size := l.db.Fits(loadOps), loadBytes
	if most := l.db.Limits.MaxTxBytes; most > 0 {
		size = min(size, most)
	}
	o := l.db.Usual()
	o.Sync, o.Writes = false, ops
	var mem []byte
	var ends []int // of each key and each value
	commit := func() error {
		err := l.db.Run(ctx, o, true, func(w *txn.Writer) error {
			if err := l.goesOn(ctx, w); err != nil {
				return err
			}
			start := 0
			for i := 0; i < len(ends); i += 2 {
				if err := w.Tx.Put(mem[start:ends[i]], mem[ends[i]:ends[i+1]]); err != nil {
					return err
				}
				start = ends[i+1]
			}
			return nil
		})
		mem, ends = mem[:0], ends[:0]
		return err
	}
	for from.Next() {
		key, value := from.Key(), from.Value()
		if len(ends) > 0 && (len(ends)/2 >= ops || len(mem)+len(key)+len(value) > size) {
			if err := commit(); err != nil {
				return err
			}
		}
		mem = append(mem, key...)
		ends = append(ends, len(mem))
		mem = append(mem, value...)
		ends = append(ends, len(mem))
	}
	if err := from.Err(); err != nil || len(ends) == 0 {
		return err
	}
	return commit()
}

// once is the pairs of a kind, of which no two may have the same key.
type once struct {
	engine.Iterator
	t          *entity.Table
	kind       int
	key, value []byte // of the pair before
	err        error
}

func (o *once) Next() bool {
	if o.err != nil || !o.Iterator.Next() {
		return false
	}
	key, value := o.Key(), o.Value()
	if bytes.Equal(key, o.key) {
		o.err = o.t.Twice(o.kind, key, o.value, value)
		return false
	}
	o.key, o.value = append(o.key[:0], key...), append(o.value[:0], value...)
	return true
}

func (o *once) Err() error {
	if o.err != nil {
		return o.err
	}
	return o.Iterator.Err()
}

func (o *once) Close() error { return o.Err() }

// mark is where the catalog says that a table is being loaded: its record, or those of a
// member of a family.
type mark struct {
	keys   [][]byte
	member bool
}

// is makes sure that the mark is so.
func (m mark) is(ctx context.Context, w *txn.Writer, token string) error {
	_, _, now, err := m.read(ctx, w, m.keys[0])
	if err == nil && now != token {
		err = fmt.Errorf("%w: another program has opened the table while it was loaded", errs.ErrInUse)
	}
	return err
}

func (m mark) read(ctx context.Context, w *txn.Writer, key []byte) (rec records.Record, set func(string), now string, err error) {
	v, err := w.Tx.GetForUpdate(ctx, key)
	if err != nil {
		return nil, nil, "", err
	}
	if m.member {
		r := new(records.MemberRecord)
		err = records.DecodeRecord(key, v, r)
		return r, func(s string) { r.Loading = s }, r.Loading, err
	}
	r := new(records.TableRecord)
	err = records.DecodeRecord(key, v, r)
	return r, func(s string) { r.Loading = s }, r.Loading, err
}

// change changes the mark, which has to be as it was.
func (m mark) change(ctx context.Context, w *txn.Writer, from, to string) error {
	if err := m.is(ctx, w, from); err != nil {
		return err
	}
	for _, key := range m.keys {
		rec, set, _, err := m.read(ctx, w, key)
		if err != nil {
			return err
		}
		set(to)
		if err := records.WriteRecord(w.Tx, key, rec); err != nil {
			return err
		}
	}
	return nil
}

// set changes the mark in a commit of its own, which takes all before it to stable storage.
func (m mark) set(ctx context.Context, db *entity.DB, from, to string) error {
	o := db.Usual()
	o.Sync = true
	return db.Run(ctx, o, true, func(w *txn.Writer) error { return m.change(ctx, w, from, to) })
}

// clearLoad removes what a load has left that was broken off.
func clearLoad(ctx context.Context, db *entity.DB, space uint64, m mark, token string) error {
	if err := clearAll(ctx, db, space, func(ctx context.Context, w *txn.Writer) error { return m.is(ctx, w, token) }); err != nil {
		return err
	}
	return m.set(ctx, db, token, "")
}

// endLoad clears a table that somebody has begun to load. From the first step on, the load
// cannot go on.
func endLoad(ctx context.Context, db *entity.DB, space uint64, m mark, token string) error {
	if token == "" {
		return nil
	}
	db.Mu.Lock()
	own := db.Loading[space]
	db.Mu.Unlock()
	if own {
		return fmt.Errorf("%w: this program is loading it", errs.ErrInUse)
	}
	now := rand.Text()
	if err := m.set(ctx, db, token, now); err != nil {
		return fmt.Errorf("clearing it after a load that was broken off: %w", err)
	}
	return clearLoad(ctx, db, space, m, now)
}
