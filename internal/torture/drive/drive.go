// Package drive runs random programs against a generated table, on two engines
// side by side and against a plain map. It knows tables only by their
// descriptions, so that it can drive tables that were generated from random
// schemas.
package drive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/dynamic/dynamictest"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/store/storetest"
	"github.com/storegen/storegen/runtime/storeimpl"
)

// Table is a generated store: S is its type, and Q that of its queries.
type Table[K comparable, V, Q, S any] interface {
	store.EntityStore[K, V]
	In(tx *store.Tx) S
	Scan() Q
	Check(v *V) error
	Handle() *storeimpl.Handle
}

// Queries is what the queries of a generated store do.
type Queries[K comparable, V, Q any] interface {
	Limit(n int) Q
	Reverse() Q
	Filter(keep func(v *V) bool) Q
	All(ctx context.Context) iter.Seq2[V, error]
	Each(ctx context.Context, visit func(v *V) error) error
	Rows(ctx context.Context) ([]V, error)
	Keys(ctx context.Context) iter.Seq2[K, error]
	Count(ctx context.Context) (int, error)
	First(ctx context.Context) (V, error)
	Last(ctx context.Context) (V, error)
	Page(ctx context.Context, n int, from store.Cursor[V]) (store.Page[V], error)
	Delete(ctx context.Context) (int, error)
}

// Opener opens a table of a database.
type Opener[S any] func(ctx context.Context, db *store.DB) (S, error)

// Engines are the two engines of a run. Reopen closes the first and opens what
// it has left; the second goes on.
type Engines struct {
	Open   func() (engine.Engine, error)
	Reopen func(engine.Engine) (engine.Engine, error)
	Memory engine.Engine
	// Power, if set, lets programs cut the power of the first engine.
	Power *Power
}

// side is the table on one engine.
type side[S any] struct {
	eng   engine.Engine
	db    *store.DB
	table S
}

// driver is a run.
type driver[K comparable, V any, Q Queries[K, V, Q], S Table[K, V, Q, S]] struct {
	ctx   context.Context
	rng   *rand.Rand
	clock *store.ManualClock
	open  Opener[S]
	keyOf func(v *V) K
	e     Engines
	a, b  *side[S]
	rows  map[K]V // the model, expired rows included
	keys  []K     // keys that were used, to come back to

	states []state[K, V] // after the commits since the last synced one, that one first
	synced bool          // the step has synced what it committed, if anything
}

// Run runs a random program of a number of steps. keyOf is the generated
// package's KeyOf.
func Run[K comparable, V any, Q Queries[K, V, Q], S Table[K, V, Q, S]](ctx context.Context, seed uint64, steps int, open Opener[S], keyOf func(v *V) K, e Engines) error {
	d := &driver[K, V, Q, S]{
		ctx: ctx, rng: rand.New(rand.NewPCG(seed, 5)), clock: store.NewManualClock(storetest.Start),
		open: open, keyOf: keyOf, e: e, rows: map[K]V{},
	}
	eng, err := e.Open()
	if err != nil {
		return err
	}
	if d.a, err = d.start(eng); err != nil {
		return err
	}
	defer func() { d.a.db.Close() }()
	if d.b, err = d.start(e.Memory); err != nil {
		return err
	}
	defer func() { d.b.db.Close() }()
	pair, err := dynamictest.PairOf(d.a.table.Handle(), d.rng)
	if err != nil {
		return err
	}
	if err := pair.Rows(10, func(row any) { storetest.Fill[V](d.rng, d.a.table, row.(*V)) }); err != nil {
		return fmt.Errorf("seed %d: %w", seed, err)
	}
	for i := range steps {
		if err := d.remember(); err != nil {
			return err
		}
		what, err := d.step()
		if err == nil && (i%8 == 7 || i == steps-1) {
			what, err = "look after "+what, d.look()
		}
		if err != nil {
			return fmt.Errorf("seed %d, step %d, %s: %w", seed, i, what, err)
		}
	}
	return nil
}

func (d *driver[K, V, Q, S]) start(eng engine.Engine) (*side[S], error) {
	db, err := store.Open(d.ctx, eng, store.WithClock(d.clock), store.WithoutSync())
	if err != nil {
		return nil, err
	}
	t, err := d.open(d.ctx, db)
	return &side[S]{eng: eng, db: db, table: t}, err
}

// both does the same on both engines, and returns the outcome, which must be one.
func (d *driver[K, V, Q, S]) both(do func(t S) error) error {
	x, y := do(d.a.table), do(d.b.table)
	if fmt.Sprint(x) != fmt.Sprint(y) {
		return fmt.Errorf("%w: one engine says %v, the other %v", errDisagree, x, y)
	}
	return x
}

var errDisagree = errors.New("the engines disagree")

// row makes a row, half of the time under a key that was used before.
func (d *driver[K, V, Q, S]) row() V {
	var v V
	storetest.Fill[V](d.rng, d.a.table, &v)
	if len(d.keys) > 0 && d.rng.IntN(2) == 0 {
		k := d.key()
		setKey(&v, d.a.table.Handle().Desc(), d.rows[k])
	}
	return v
}

// setKey gives v the key fields of another row.
func setKey[V any](v *V, desc *catalog.Table, from V) {
	to, src := reflect.ValueOf(v).Elem(), reflect.ValueOf(from)
	for _, f := range desc.Key {
		to.Field(f).Set(src.Field(f))
	}
}

func (d *driver[K, V, Q, S]) key() K { return d.keys[d.rng.IntN(len(d.keys))] }

// live reports whether the model has a row that has not expired.
func (d *driver[K, V, Q, S]) live(k K) bool {
	v, ok := d.rows[k]
	return ok && !d.expired(&v)
}

func (d *driver[K, V, Q, S]) expired(v *V) bool {
	at, ok := d.expiry(v)
	return ok && !at.After(d.clock.Now())
}

// expiry tells when a row expires, by the description of its table.
func (d *driver[K, V, Q, S]) expiry(v *V) (at time.Time, ok bool) {
	ttl := d.a.table.Handle().Desc().TTL
	if ttl == nil {
		return at, false
	}
	x := reflect.ValueOf(v).Elem()
	from := reflect.Indirect(x.Field(ttl.From))
	if !from.IsValid() {
		return at, false
	}
	at = from.Interface().(time.Time)
	if ttl.KeepField == 0 {
		return at.Add(ttl.Keep), true
	}
	keep := reflect.Indirect(x.Field(ttl.KeepField - 1))
	switch {
	case !keep.IsValid():
		return at, false
	case d.a.table.Handle().Desc().Fields[ttl.KeepField-1].Type.Kind == kind.Duration:
		return at.Add(time.Duration(keep.Int())), true
	case keep.CanInt():
		return storeimpl.LivesFor(at, keep.Int()), true
	}
	return storeimpl.LivesFor(at, keep.Uint()), true
}

// tick moves the clock, often to the very moment at which a row expires.
func (d *driver[K, V, Q, S]) tick() {
	if len(d.keys) > 0 && d.rng.IntN(2) == 0 {
		v := d.rows[d.key()]
		if at, ok := d.expiry(&v); ok && at.After(d.clock.Now()) && at.Year() < 3000 {
			d.clock.Set(at)
			return
		}
	}
	d.clock.Advance(time.Duration(d.rng.IntN(60)) * time.Minute)
}

// note takes a row that was written into the model.
func (d *driver[K, V, Q, S]) note(v V) {
	k := d.keyOf(&v)
	if !slices.Contains(d.keys, k) {
		d.keys = append(d.keys, k)
	}
	d.rows[k] = v
}

// unique checks that a violation names a row that is there.
func (d *driver[K, V, Q, S]) unique(err error) error {
	var u *store.UniqueError
	if !errors.As(err, &u) {
		return err
	}
	head, rest, _ := strings.Cut(u.Holder, "…") // where a long key is cut
	for k := range d.rows {
		text := fmt.Sprint(k)
		if d.live(k) && (text == u.Holder || strings.HasSuffix(rest, fmt.Sprintf("(%d bytes)", len(text))) && strings.HasPrefix(text, head)) {
			return nil
		}
	}
	return fmt.Errorf("a violation names a holder that is not there: %w", err)
}

func (d *driver[K, V, Q, S]) step() (string, error) {
	switch d.rng.IntN(13) {
	case 0, 1:
		v := d.row()
		k := d.keyOf(&v)
		was := d.live(k)
		err := d.both(func(t S) error { w := v; err := t.Insert(d.ctx, &w); keep(err, &v, w); return err })
		switch {
		case err == nil && was:
			return "insert", errors.New("a row was inserted over another")
		case errors.Is(err, store.ErrExists) && was:
			return "insert", nil
		case err == nil:
			d.note(v)
			return "insert", nil
		}
		return "insert", d.unique(err)
	case 2, 3, 4:
		v := d.row()
		err := d.both(func(t S) error { w := v; err := t.Put(d.ctx, &w); keep(err, &v, w); return err })
		if err == nil {
			d.note(v)
		}
		return "put", d.unique(err)
	case 5:
		return "update", d.update()
	case 6:
		if len(d.keys) == 0 {
			return "delete", nil
		}
		k := d.key()
		delete(d.rows, k)
		d.forget(k)
		return "delete", d.both(func(t S) error {
			_, err := t.Delete(d.ctx, k)
			return err
		})
	case 7:
		if d.rng.IntN(3) == 0 {
			return "held transaction", d.held()
		}
		return "transaction", d.transaction()
	case 12:
		return "loop", d.loop()
	case 8:
		d.tick()
		return "clock", nil
	case 9:
		return "sweep", d.both(func(t S) error {
			_, err := admin.Sweep(d.ctx, store.DBOf(t.Handle()), 0)
			return err
		})
	case 10:
		if d.e.Power != nil && d.rng.IntN(2) == 0 {
			return "power cut", d.crash()
		}
		if d.rng.IntN(4) > 0 {
			return "nothing", nil
		}
		if err := d.a.db.Close(); err != nil {
			return "reopen", err
		}
		eng, err := d.e.Reopen(d.a.eng)
		if err == nil {
			d.a, err = d.start(eng)
		}
		return "reopen", err
	}
	return "get", d.get()
}

func (d *driver[K, V, Q, S]) forget(k K) {
	d.keys = slices.DeleteFunc(d.keys, func(o K) bool { return o == k })
}

// keep takes over the defaults that a write has filled in.
func keep[V any](err error, v *V, w V) {
	if err == nil {
		*v = w
	}
}

func (d *driver[K, V, Q, S]) update() error {
	if len(d.keys) == 0 {
		return nil
	}
	k := d.key()
	var next V
	storetest.Fill[V](d.rng, d.a.table, &next)
	setKey(&next, d.a.table.Handle().Desc(), d.rows[k])
	if d.a.table.Check(&next) != nil {
		return nil // the other key does not go with the rest of the row
	}
	err := d.both(func(t S) error {
		return t.Update(d.ctx, k, func(v *V) error { *v = next; return nil })
	})
	switch {
	case err == nil && !d.live(k):
		return errors.New("a row was updated that is not there")
	case err == nil:
		d.rows[k] = next
		return nil
	case errors.Is(err, store.ErrNotFound) && !d.live(k):
		return nil
	}
	return d.unique(err)
}

var errUndo = errors.New("undo")

// transaction makes a few changes at once, or none.
func (d *driver[K, V, Q, S]) transaction() error {
	vs := []V{d.row(), d.row(), d.row()}
	undo := d.rng.IntN(3) == 0
	var opts []store.TxOption
	if d.synced = d.rng.IntN(2) == 0; d.synced {
		opts = append(opts, store.Sync())
	}
	err := d.both(func(t S) error {
		return store.DBOf(t.Handle()).Update(d.ctx, func(tx *store.Tx) error {
			in := t.In(tx)
			for i := range vs {
				if err := in.Put(d.ctx, &vs[i]); err != nil {
					return err
				}
				// Its own writes are seen.
				got, err := in.Get(d.ctx, d.keyOf(&vs[i]))
				if err != nil && !errors.Is(err, store.ErrNotFound) {
					return err
				}
				if err == nil && !cmp.Equal(vs[i], got) {
					return fmt.Errorf("a transaction does not see what it wrote:\n%s", cmp.Diff(vs[i], got))
				}
			}
			if undo {
				return errUndo
			}
			return nil
		}, opts...)
	})
	if errors.Is(err, errUndo) {
		return nil
	}
	if err == nil {
		for _, v := range vs {
			d.note(v)
		}
		return nil
	}
	if errors.Is(err, store.ErrUnique) {
		return nil // its holder may be of the same transaction
	}
	return err
}

// loop makes a transaction that writes within a walk, which shows what there was when it
// began.
func (d *driver[K, V, Q, S]) loop() error {
	vs := make([]V, 8)
	for i := range vs {
		vs[i] = d.row()
	}
	var gone []K
	for range min(4, len(d.keys)) {
		gone = append(gone, d.key())
	}
	indexes := len(d.a.table.Handle().Desc().Indexes)
	ix, reverse, undo := d.rng.IntN(indexes+1), d.rng.IntN(2) == 0, d.rng.IntN(3) == 0
	var after map[K]V
	err := d.both(func(t S) error {
		return store.DBOf(t.Handle()).Update(d.ctx, func(tx *store.Tx) error {
			after = maps.Clone(d.rows)
			in := t.In(tx)
			q := store.QueryOf(in.Handle().All(), d.keyOf)
			if ix < indexes {
				q = store.QueryOf(in.Handle().Index(ix), d.keyOf)
			}
			if reverse {
				q = q.Reverse()
			}
			want, err := q.Rows(d.ctx)
			if err != nil {
				return err
			}
			n := 0
			for v, err := range q.All(d.ctx) {
				if err != nil {
					return err
				}
				if n == len(want) || !cmp.Equal(want[n], v) {
					return fmt.Errorf("row %d of %d of a walk within which others are written is %v", n, len(want), v)
				}
				if err := d.inLoop(in, n, vs, gone, after); err != nil {
					return err
				}
				n++
			}
			if n < len(want) {
				return fmt.Errorf("a walk within which rows are written shows %d of %d", n, len(want))
			}
			if undo {
				return errUndo
			}
			return nil
		})
	})
	switch {
	case errors.Is(err, errUndo):
		return nil
	case err != nil:
		return err
	}
	for _, k := range gone {
		if _, ok := after[k]; !ok {
			d.forget(k)
		}
	}
	d.rows = after
	for i := range vs {
		if v, ok := after[d.keyOf(&vs[i])]; ok {
			d.note(v)
		}
	}
	return nil
}

// inLoop does what is to be done at row n of a walk, and notes it in after.
func (d *driver[K, V, Q, S]) inLoop(in S, n int, vs []V, gone []K, after map[K]V) error {
	if n < len(gone) {
		delete(after, gone[n])
		if _, err := in.Delete(d.ctx, gone[n]); err != nil {
			return err
		}
	}
	if n >= len(vs) {
		return nil
	}
	v := vs[n]
	switch err := in.Put(d.ctx, &v); {
	case err == nil:
		after[d.keyOf(&v)] = v
	case !errors.Is(err, store.ErrUnique): // whose holder may be of the same transaction
		return err
	}
	return nil
}

// held makes a transaction that is held open between calls.
func (d *driver[K, V, Q, S]) held() error {
	v, undo := d.row(), d.rng.IntN(2) == 0
	err := d.both(func(t S) error {
		w := v
		tx, err := store.DBOf(t.Handle()).Begin(d.ctx)
		if err != nil {
			return err
		}
		defer tx.Rollback()
		if err := t.In(tx.Tx()).Put(d.ctx, &w); err != nil {
			return err
		}
		if undo {
			return tx.Rollback()
		}
		err = tx.Commit()
		keep(err, &v, w)
		return err
	})
	if err == nil && !undo {
		d.note(v)
	}
	return d.unique(err)
}

func (d *driver[K, V, Q, S]) get() error {
	if len(d.keys) == 0 {
		return nil
	}
	k := d.key()
	return d.both(func(t S) error {
		got, err := t.Get(d.ctx, k)
		has, herr := t.Has(d.ctx, k)
		switch {
		case herr != nil:
			return herr
		case errors.Is(err, store.ErrNotFound) && !d.live(k) && !has:
			return nil
		case err != nil:
			return err
		case !d.live(k) || !has:
			return fmt.Errorf("row %v is there, and should not be", k)
		case !cmp.Equal(d.rows[k], got):
			return fmt.Errorf("row %v (-want +got):\n%s", k, cmp.Diff(d.rows[k], got))
		}
		return nil
	})
}

// look holds everything against the model: scans in both directions, pages,
// counts, indexes, and both engines byte for byte.
func (d *driver[K, V, Q, S]) look() error {
	want := 0
	for k := range d.rows {
		if d.live(k) {
			want++
		}
	}
	err := d.both(func(t S) error {
		rows, err := t.Scan().Rows(d.ctx)
		if err != nil {
			return err
		}
		n, err := t.Count(d.ctx)
		if err != nil || n != want || len(rows) != want {
			return fmt.Errorf("a count is %d, a scan has %d rows, the model has %d: %v", n, len(rows), want, err)
		}
		for _, v := range rows {
			if k := d.keyOf(&v); !cmp.Equal(d.rows[k], v) {
				return fmt.Errorf("row %v (-want +got):\n%s", k, cmp.Diff(d.rows[k], v))
			}
		}
		back, err := t.Scan().Reverse().Rows(d.ctx)
		slices.Reverse(back)
		if err != nil || !cmp.Equal(rows, back) {
			return fmt.Errorf("backward is not forward reversed: %v\n%s", err, cmp.Diff(rows, back))
		}
		if err := d.steady(t, rows); err != nil {
			return err
		}
		for i := range t.Handle().Desc().Indexes {
			if err := d.index(t, &t.Handle().Desc().Indexes[i], store.QueryOf(t.Handle().Index(i), d.keyOf)); err != nil {
				return fmt.Errorf("index %s: %w", t.Handle().Desc().Indexes[i].Name, err)
			}
		}
		var first error
		_, err = admin.Verify(d.ctx, store.DBOf(t.Handle()), admin.VerifyOptions{Found: func(f admin.Finding) {
			if first == nil {
				first = errors.New(f.String())
			}
		}})
		return errors.Join(err, first)
	})
	if err != nil {
		return err
	}
	if d.rng.IntN(4) == 0 {
		if err := d.restored(); err != nil {
			return err
		}
	}
	return d.sameBytes()
}

// steady reads a snapshot, and sees that there is nothing to repair.
func (d *driver[K, V, Q, S]) steady(t S, rows []V) error {
	snap, err := store.DBOf(t.Handle()).Snapshot(d.ctx)
	if err != nil {
		return err
	}
	defer snap.Close()
	n := 0
	for v, err := range t.In(snap.Tx()).Scan().All(d.ctx) {
		if err != nil {
			return err
		}
		if n == len(rows) || !cmp.Equal(rows[n], v) {
			return fmt.Errorf("row %d of a snapshot is %v", n, v)
		}
		n++
	}
	if n != len(rows) {
		return fmt.Errorf("a snapshot has %d rows of %d", n, len(rows))
	}
	for _, err := range t.ScanAll(d.ctx) {
		if err != nil {
			return err
		}
		n--
	}
	if n != 0 {
		return fmt.Errorf("a scan differs from a snapshot by %d rows", n)
	}
	n = len(rows)
	last, err := t.In(snap.Tx()).Scan().Last(d.ctx)
	if n == 0 && !errors.Is(err, store.ErrNotFound) || n > 0 && (err != nil || !cmp.Equal(rows[n-1], last)) {
		return fmt.Errorf("the last row is %v, %w", last, err)
	}
	repaired, err := admin.Repair(d.ctx, store.DBOf(t.Handle()), admin.VerifyOptions{})
	if err != nil || repaired.Findings > 0 {
		return fmt.Errorf("a repair found %+v, %w", repaired, err)
	}
	return snap.Close()
}

// restored takes a backup of the first engine: restored, it is the same.
func (d *driver[K, V, Q, S]) restored() error {
	var b bytes.Buffer
	if err := admin.Backup(d.ctx, d.a.db, &b); err != nil {
		return err
	}
	mem := memory.New()
	defer mem.Close()
	if err := admin.Restore(d.ctx, mem, &b); err != nil {
		return err
	}
	want, err := d.pairsOf(d.a.eng)
	if err != nil {
		return err
	}
	got, err := d.pairsOf(mem)
	if err == nil && !samePairs(want, got) {
		err = fmt.Errorf("a backup of %d keys is restored as %d other ones", len(want), len(got))
	}
	return err
}

// index pages through an index and holds it against one whole walk, and that against
// what the model says.
func (d *driver[K, V, Q, S]) index(t S, ix *catalog.Index, q store.Query[K, V]) error {
	rows, err := q.Rows(d.ctx)
	if err != nil {
		return err
	}
	if err := d.sameEntries(ix, rows); err != nil {
		return err
	}
	for _, v := range rows {
		if k := d.keyOf(&v); !d.live(k) || !cmp.Equal(d.rows[k], v) {
			return fmt.Errorf("row %v (-want +got):\n%s", k, cmp.Diff(d.rows[k], v))
		}
	}
	var visited []V
	err = q.Each(d.ctx, func(v *V) error {
		visited = append(visited, *v)
		return nil
	})
	if err != nil {
		return err
	}
	if !cmp.Equal(rows, visited) {
		return fmt.Errorf("visited one by one (-walk +visited):\n%s", cmp.Diff(rows, visited))
	}
	n, err := q.Count(d.ctx)
	if err != nil || n != len(rows) {
		return fmt.Errorf("a count is %d, the walk has %d rows: %v", n, len(rows), err)
	}
	var paged []V
	var cursor store.Cursor[V]
	for {
		page, err := q.Page(d.ctx, 3, cursor)
		if err != nil {
			return err
		}
		paged = append(paged, page.Rows...)
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if !cmp.Equal(rows, paged) {
		return fmt.Errorf("pages (-walk +pages):\n%s", cmp.Diff(rows, paged))
	}
	return nil
}

// sameBytes compares the two engines key by key.
func (d *driver[K, V, Q, S]) sameBytes() error {
	x := d.a.eng.Iterate(d.ctx, engine.Range{})
	defer x.Close()
	y := d.b.eng.Iterate(d.ctx, engine.Range{})
	defer y.Close()
	for {
		more, also := x.Next(), y.Next()
		if !more || !also {
			if more != also {
				return fmt.Errorf("%w: one has more keys", errDisagree)
			}
			return errors.Join(x.Close(), y.Close())
		}
		if !samePair(x.Key(), x.Value(), y.Key(), y.Value()) {
			return fmt.Errorf("%w: %x = %x, %x = %x", errDisagree, x.Key(), x.Value(), y.Key(), y.Value())
		}
	}
}
