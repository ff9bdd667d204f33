package store_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/stream"
	"github.com/storegen/storegen/generated/system/jobs"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/generated/user"
	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/leveldb"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/storeimpl"
	"github.com/syndtr/goleveldb/leveldb/storage"
	"pgregory.net/rapid"
)

// TestModel runs random programs on both engines, with and without a cache of
// rows, and on plain maps, which must agree in every result and every kind of error. After each program each engine
// is compared key by key with what its rows imply.
func TestModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := &model{now: start, users: map[models.UserID]users.User{}, jobs: map[models.JobID]jobs.Job{},
			notes: map[models.UserRowID]user.Row{}, events: map[models.RowID]stream.Row{}, dead: map[string]string{}}
		var suts []*sut
		for _, name := range []string{"memory", "leveldb", "cached"} {
			suts = append(suts, newSUT(t, name))
		}
		for n := rapid.IntRange(1, 30).Draw(rt, "steps"); n > 0; n-- {
			step := drawStep(rt)
			want := step.want(m)
			for _, s := range suts {
				if diff := gocmp.Diff(want, step.do(s), equal...); diff != "" {
					rt.Fatalf("%s: %s (-model +store)\n%s", s.name, step.name, diff)
				}
			}
		}
		for _, s := range suts {
			if diff := gocmp.Diff(m.reported, s.expired); diff != "" {
				rt.Fatalf("%s: rows reported as expired (-model +store)\n%s", s.name, diff)
			}
			if err := checkWhole(ctx, s.db); err != nil {
				rt.Fatalf("%s: not whole:\n%v", s.name, err)
			}
			s.db.Close()
		}
	})
}

var equal = []gocmp.Option{cmpopts.EquateEmpty()}

// model is what the tables hold, without what has expired.
type model struct {
	now    time.Time
	users  map[models.UserID]users.User
	jobs   map[models.JobID]jobs.Job
	notes  map[models.UserRowID]user.Row
	events map[models.RowID]stream.Row
	// dead are the expired rows that are still stored, by table and key, with the
	// unique value that they hold.
	dead     map[string]string
	reported int // expired rows that are gone
	updates  []*rowUpdate
	inTx     bool
	view     bool
}

func (m *model) clone() *model {
	c := *m
	c.users, c.jobs, c.notes, c.events, c.dead = maps.Clone(m.users), maps.Clone(m.jobs), maps.Clone(m.notes), maps.Clone(m.events), maps.Clone(m.dead)
	return &c
}

// expire moves what has expired by now to the dead.
func (m *model) expire() {
	for k, u := range m.users {
		if u.DeletedAt != nil && !m.now.Before(u.DeletedAt.Add(30*24*time.Hour)) {
			delete(m.users, k)
			m.dead["users/"+string(k)] = "users/" + strings.ToLower(string(u.Username))
		}
	}
	for k, j := range m.jobs {
		if j.FinishedAt != nil && !m.now.Before(j.FinishedAt.Add(30*24*time.Hour)) {
			delete(m.jobs, k)
			m.dead["jobs/"+string(k)] = ""
			if j.IdempotencyKey != nil {
				m.dead["jobs/"+string(k)] = "jobs/" + *j.IdempotencyKey
			}
		}
	}
	for k, r := range m.events {
		keep := time.Hour // the store's default
		if r.TTLSeconds != nil {
			keep = time.Duration(*r.TTLSeconds) * time.Second
		}
		if !m.now.Before(r.InsertedAt.Add(keep)) {
			delete(m.events, k)
			m.dead["events/"+string(k)] = ""
		}
	}
}

// rowUpdate is an update whose function is running.
type rowUpdate struct {
	key     string // of its row, with the table
	written bool
}

// wrote is told of each row that is written, also by its removal.
func (m *model) wrote(key string) {
	for _, u := range m.updates {
		u.written = u.written || u.key == key
	}
}

// bury removes a dead row because its key is written or deleted.
func (m *model) bury(key string) {
	if _, ok := m.dead[key]; ok {
		delete(m.dead, key)
		m.reported++
	}
}

// claim removes the dead holder of a unique value.
func (m *model) claim(value string) {
	for k, v := range m.dead {
		if v == value {
			m.bury(k)
		}
	}
}

// sut is the store on one engine.
type sut struct {
	stores
	name    string
	db      *store.DB
	open    func() *store.DB
	clock   *store.ManualClock
	expired int
}

// stores are the tables of the model, outside of a transaction or in one.
type stores struct {
	users  *users.Store
	jobs   *jobs.Store
	notes  *user.Store
	events *stream.Store
	inTx   bool
}

func (s stores) in(tx *store.Tx) stores {
	return stores{s.users.In(tx), s.jobs.In(tx), s.notes.In(tx), s.events.In(tx), true}
}

func newSUT(t *testing.T, name string) *sut {
	s := &sut{name: name, clock: store.NewManualClock(start)}
	mem := memory.New()
	stor := storage.NewMemStorage()
	s.open = func() *store.DB {
		var eng engine.Engine = open{mem}
		if name == "leveldb" {
			eng = must(leveldb.OpenStorage(stor, &leveldb.Options{BlockCache: 64 << 10, WriteBuffer: 64 << 10}))
		}
		opts := []store.Option{store.WithClock(s.clock), store.WithoutSync()}
		if name == "cached" {
			cache := newRowMap(t, 3)
			for _, table := range []string{"system.users", "system.jobs", "user", "stream"} {
				opts = append(opts, store.WithRowCache(table, cache))
			}
		}
		return must(store.Open(ctx, eng, opts...))
	}
	s.reopen()
	return s
}

func (s *sut) reopen() {
	if s.db != nil {
		s.db.Close()
	}
	s.db = s.open()
	s.stores = stores{must(users.Open(ctx, s.db)), must(jobs.Open(ctx, s.db)), must(user.Open(ctx, s.db, "app", "notes")),
		must(stream.Open(ctx, s.db, "app", "events", store.WithTTL(time.Hour))), false}
	store.OnExpired(s.users, func(users.User) { s.expired++ })
	store.OnExpired(s.jobs, func(jobs.Job) { s.expired++ })
	store.OnExpired(s.events, func(stream.Row) { s.expired++ })
}

// result is what an operation returned.
type result struct {
	Value any
	Err   string
}

func resultOf(v any, err error) result {
	if err == nil {
		return result{Value: v}
	}
	for _, kind := range []error{store.ErrNotFound, store.ErrExists, store.ErrUnique, store.ErrInvalid, store.ErrReadOnly, store.ErrDenied, errStop} {
		if errors.Is(err, kind) {
			return result{Err: kind.Error()}
		}
	}
	return result{Err: err.Error()}
}

var errStop = errors.New("stop")

// op is an operation on the tables. writes says that a view refuses it.
type op struct {
	name   string
	writes bool
	want   func(m *model) (any, error)
	do     func(s stores) (any, error)
}

// result is what the operation returns by the model.
func (o op) result(m *model) result {
	if o.writes && m.view {
		return result{Err: store.ErrReadOnly.Error()}
	}
	return resultOf(o.want(m))
}

// step is what a program does next.
type step struct {
	name string
	want func(m *model) any
	do   func(s *sut) any
}

func drawStep(rt *rapid.T) step {
	switch kind := rapid.IntRange(0, 19).Draw(rt, "step"); {
	case kind < 13:
		o := drawOp(rt)
		return step{o.name, func(m *model) any { return resultOf(o.want(m)) }, func(s *sut) any { return resultOf(o.do(s.stores)) }}
	case kind < 15:
		return drawTx(rt)
	case kind == 15:
		return drawView(rt)
	case kind < 18:
		d := rapid.SampledFrom([]time.Duration{time.Second, 10 * time.Second, time.Hour, 10 * 24 * time.Hour}).Draw(rt, "advance")
		return step{"advance", func(m *model) any { m.now = m.now.Add(d); m.expire(); return nil },
			func(s *sut) any { s.clock.Advance(d); return nil }}
	case kind == 18:
		return step{"sweep", func(m *model) any {
			n := len(m.dead)
			clear(m.dead)
			m.reported += n
			return resultOf(admin.Swept{Removed: n}, nil)
		}, func(s *sut) any { return resultOf(admin.Sweep(ctx, s.db, 0)) }}
	}
	return step{"reopen", func(*model) any { return nil }, func(s *sut) any { s.reopen(); return nil }}
}

func drawOps(rt *rapid.T) []op {
	ops := make([]op, rapid.IntRange(1, 6).Draw(rt, "ops"))
	for i := range ops {
		ops[i] = drawOp(rt)
	}
	return ops
}

func names(ops []op) string {
	var out []string
	for _, o := range ops {
		out = append(out, o.name)
	}
	return strings.Join(out, "; ")
}

// drawTx is a transaction that goes on behind refused operations, and in the end
// commits or not.
func drawTx(rt *rapid.T) step {
	ops := drawOps(rt)
	return txOf(ops, rapid.Bool().Draw(rt, "fails"))
}

func txOf(ops []op, fails bool) step {
	return step{fmt.Sprintf("transaction (fails: %v): %s", fails, names(ops)), func(m *model) any {
		work := m.clone()
		work.inTx = true
		var out []result
		for _, o := range ops {
			out = append(out, o.result(work))
		}
		if work.inTx = false; !fails {
			*m = *work
		}
		return out
	}, func(s *sut) any {
		var out []result
		err := s.db.Update(ctx, func(tx *store.Tx) error {
			out = nil
			for _, o := range ops {
				out = append(out, resultOf(o.do(s.in(tx))))
			}
			if fails {
				return errStop
			}
			return nil
		})
		if fails != errors.Is(err, errStop) || !fails && err != nil {
			return err.Error()
		}
		return out
	}}
}

func drawView(rt *rapid.T) step { return viewOf(drawOps(rt)) }

func viewOf(ops []op) step {
	return step{"view: " + names(ops), func(m *model) any {
		var out []result
		for _, o := range ops {
			work := m.clone()
			work.view = true
			out = append(out, o.result(work))
		}
		return out
	}, func(s *sut) any {
		var out []result
		if err := s.db.View(ctx, func(tx *store.Tx) error {
			for _, o := range ops {
				out = append(out, resultOf(o.do(s.in(tx))))
			}
			return nil
		}); err != nil {
			return err.Error()
		}
		return out
	}}
}

// table is what the operations need to know of a table and its model.
type table[K comparable, V any] struct {
	name  string
	rows  func(m *model) map[K]V
	store func(s stores) store.EntityStore[K, V]
	key   func(v *V) K
	text  func(k K) string
	less  func(a, b K) int
	// fill gives defaults; refuse says why the model refuses a row; unique is
	// the value that it holds alone, if it has one.
	fill   func(m *model, v *V)
	refuse func(v *V) error
	unique func(v *V) (string, bool)
	drawK  func(rt *rapid.T) K
	draw   func(rt *rapid.T) V
}

func (t *table[K, V]) write(m *model, v V, insert bool) error {
	t.fill(m, &v)
	if err := t.refuse(&v); err != nil {
		return err
	}
	k := t.key(&v)
	if _, ok := t.rows(m)[k]; ok && insert {
		return store.ErrExists
	}
	if mine, ok := t.unique(&v); ok {
		for other, w := range t.rows(m) {
			if theirs, ok := t.unique(&w); ok && theirs == mine && other != k {
				return store.ErrUnique
			}
		}
		m.claim(t.name + "/" + mine)
	}
	m.bury(t.name + "/" + t.text(k))
	m.wrote(t.name + "/" + t.text(k))
	t.rows(m)[k] = v
	m.expire() // a row can be gone from the start
	return nil
}

// sorted is the rows that match, in the order of less and then of the key.
func (t *table[K, V]) sorted(m *model, match func(v *V) bool, less func(a, b *V) int) []V {
	var out []V
	for _, v := range t.rows(m) {
		if match(&v) {
			out = append(out, v)
		}
	}
	slices.SortFunc(out, func(a, b V) int {
		if less != nil {
			if c := less(&a, &b); c != 0 {
				return c
			}
		}
		return t.less(t.key(&a), t.key(&b))
	})
	return out
}

// updateAround is an update of whose function operations are part, where it is in a
// transaction, which goes on behind them.
func (t *table[K, V]) updateAround(k K, change func(v *V), fails bool, within []op) op {
	name := fmt.Sprintf("update %s %q, within: {%s}", t.name, t.text(k), names(within))
	return op{name, true, func(m *model) (any, error) {
		v, ok := t.rows(m)[k]
		if !ok {
			return nil, store.ErrNotFound
		}
		var out []result
		if m.inTx {
			u := &rowUpdate{key: t.name + "/" + t.text(k)}
			m.updates = append(m.updates, u)
			for _, o := range within {
				out = append(out, o.result(m))
			}
			m.updates = m.updates[:len(m.updates)-1]
			if !fails && u.written {
				return append(out, resultOf(nil, store.ErrInvalid)), nil
			}
		}
		if fails {
			return append(out, resultOf(nil, errStop)), nil
		}
		change(&v)
		err := t.refuse(&v)
		if err == nil {
			err = t.write(m, v, false)
		}
		return append(out, resultOf(nil, err)), nil
	}, func(s stores) (any, error) {
		var out []result
		err := t.store(s).Update(ctx, k, func(v *V) error {
			out = nil
			if s.inTx {
				for _, o := range within {
					out = append(out, resultOf(o.do(s)))
				}
			}
			if change(v); fails {
				return errStop
			}
			return nil
		})
		if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrReadOnly) {
			return nil, err
		}
		return append(out, resultOf(nil, err)), nil
	}}
}

func drawTableOp[K comparable, V any, Q querying[K, V, Q]](rt *rapid.T, t *table[K, V], queries func(rt *rapid.T) []query[K, V, Q]) op {
	k := t.drawK(rt)
	of := func(verb string, writes bool, want func(*model) (any, error), do func(store.EntityStore[K, V]) (any, error)) op {
		return op{fmt.Sprintf("%s %s %q", verb, t.name, t.text(k)), writes, want, func(s stores) (any, error) { return do(t.store(s)) }}
	}
	switch kind := rapid.IntRange(0, 13).Draw(rt, "op"); kind {
	case 0:
		return of("get", false, func(m *model) (any, error) {
			v, ok := t.rows(m)[k]
			if !ok {
				return nil, store.ErrNotFound
			}
			return v, nil
		}, func(s store.EntityStore[K, V]) (any, error) { return s.Get(ctx, k) })
	case 1:
		return of("has", false, func(m *model) (any, error) { _, ok := t.rows(m)[k]; return ok, nil },
			func(s store.EntityStore[K, V]) (any, error) { return s.Has(ctx, k) })
	case 2:
		ks := []K{k, t.drawK(rt), t.drawK(rt)}
		return of("get many", false, func(m *model) (any, error) {
			out := make([]*V, len(ks))
			for i, k := range ks {
				if v, ok := t.rows(m)[k]; ok {
					out[i] = &v
				}
			}
			return out, nil
		}, func(s store.EntityStore[K, V]) (any, error) { return s.GetMany(ctx, ks) })
	case 3:
		return of("delete", true, func(m *model) (any, error) {
			_, there := t.rows(m)[k]
			if there {
				m.wrote(t.name + "/" + t.text(k))
			}
			delete(t.rows(m), k)
			m.bury(t.name + "/" + t.text(k))
			return there, nil
		}, func(s store.EntityStore[K, V]) (any, error) { return s.Delete(ctx, k) })
	case 4:
		to := t.drawK(rt)
		return of("delete range", true, func(m *model) (any, error) {
			n := 0
			for other := range t.rows(m) {
				if t.less(k, other) <= 0 && t.less(other, to) < 0 {
					delete(t.rows(m), other)
					m.wrote(t.name + "/" + t.text(other))
					n++
				}
			}
			return n, nil
		}, func(s store.EntityStore[K, V]) (any, error) { return s.DeleteRange(ctx, k, to) })
	case 5, 6:
		change := t.drawFor(rt)
		fails := rapid.IntRange(0, 4).Draw(rt, "function fails") == 0
		if rapid.IntRange(0, 2).Draw(rt, "function does more") == 0 {
			return t.updateAround(k, change, fails, drawOps(rt))
		}
		return of("update", true, func(m *model) (any, error) {
			v, ok := t.rows(m)[k]
			if !ok {
				return nil, store.ErrNotFound
			}
			if fails {
				return nil, errStop
			}
			change(&v)
			if err := t.refuse(&v); err != nil {
				return nil, err
			}
			return nil, t.write(m, v, false)
		}, func(s store.EntityStore[K, V]) (any, error) {
			return nil, s.Update(ctx, k, func(v *V) error {
				change(v)
				if fails {
					return errStop
				}
				return nil
			})
		})
	case 7:
		vs := []V{t.draw(rt), t.draw(rt), t.draw(rt)}
		insert := rapid.Bool().Draw(rt, "insert")
		return op{fmt.Sprintf("many (insert: %v) %s", insert, t.name), true, func(m *model) (any, error) {
			// In a transaction that goes on, the rows before a refused one stay.
			work := m
			if !m.inTx {
				work = m.clone()
			}
			for _, v := range vs {
				if err := t.write(work, v, insert); err != nil {
					return nil, err
				}
			}
			*m = *work
			return nil, nil
		}, func(s stores) (any, error) {
			ps := make([]*V, len(vs))
			for i := range vs {
				v := vs[i]
				ps[i] = &v
			}
			if insert {
				return nil, t.store(s).InsertMany(ctx, ps)
			}
			return nil, t.store(s).PutMany(ctx, ps)
		}}
	case 8, 9, 10:
		v := t.draw(rt)
		insert := kind == 8
		return op{fmt.Sprintf("write (insert: %v) %s %q", insert, t.name, t.text(t.key(&v))), true,
			func(m *model) (any, error) { return nil, t.write(m, v, insert) },
			func(s stores) (any, error) {
				v := v
				if insert {
					return nil, t.store(s).Insert(ctx, &v)
				}
				return nil, t.store(s).Put(ctx, &v)
			}}
	}
	q := rapid.SampledFrom(queries(rt)).Draw(rt, "query")
	return drawQuery(rt, t, q, func() op { return drawTableOp(rt, t, queries) })
}

// drawFor is a change of the row of a key: another row, under the same key.
func (t *table[K, V]) drawFor(rt *rapid.T) func(v *V) {
	next := t.draw(rt)
	var d model
	d.now = start
	t.fill(&d, &next)
	return func(v *V) {
		key := *v
		*v = next
		setKey(v, &key)
	}
}

// setKey gives a row the key of another.
func setKey(to, from any) {
	switch to := to.(type) {
	case *users.User:
		to.UserID = from.(*users.User).UserID
	case *jobs.Job:
		to.JobID = from.(*jobs.Job).JobID
	case *user.Row:
		to.UserID, to.RowID = from.(*user.Row).UserID, from.(*user.Row).RowID
	case *stream.Row:
		to.RowID = from.(*stream.Row).RowID
	}
}

// querying is what the type Q of a table's queries does.
type querying[K comparable, V, Q any] interface {
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

// query is a query and what it must show.
type query[K comparable, V any, Q querying[K, V, Q]] struct {
	name  string
	build func(s stores) Q
	match func(v *V) bool
	less  func(a, b *V) int
	// guarded queries show nobody else's rows, and delete none.
	keep func(v *V) bool
}

// drawn is a query that was drawn: what it must show, and how it is built.
func drawn[K comparable, V any, Q querying[K, V, Q]](rt *rapid.T, t *table[K, V], q query[K, V, Q]) (name string, want func(m *model) []V, build func(s stores) Q) {
	reverse := rapid.Bool().Draw(rt, "reverse")
	limit := rapid.SampledFrom([]int{0, 0, 1, 2, 5}).Draw(rt, "limit")
	filter := rapid.SampledFrom([]int{0, 0, 1}).Draw(rt, "filter") == 1
	even := func(v *V) bool { return len(t.text(t.key(v)))%2 == 0 }
	want = func(m *model) []V {
		rows := t.sorted(m, func(v *V) bool { return q.match(v) && (q.keep == nil || q.keep(v)) && (!filter || even(v)) }, q.less)
		if reverse {
			slices.Reverse(rows)
		}
		if limit > 0 && len(rows) > limit {
			rows = rows[:limit]
		}
		return rows
	}
	build = func(s stores) Q {
		b := q.build(s).Limit(limit)
		if reverse {
			b = b.Reverse()
		}
		if filter {
			b = b.Filter(even)
		}
		return b
	}
	return fmt.Sprintf("%s by %s (reverse: %v, limit: %d, filter: %v)", t.name, q.name, reverse, limit, filter), want, build
}

// drawQuery draws what is done with a query. another draws an operation on the same
// table.
func drawQuery[K comparable, V any, Q querying[K, V, Q]](rt *rapid.T, t *table[K, V], q query[K, V, Q], another func() op) op {
	name, want, build := drawn(rt, t, q)
	keysOf := func(rows []V) []K {
		var out []K
		for i := range rows {
			out = append(out, t.key(&rows[i]))
		}
		return out
	}
	switch rapid.IntRange(0, 8).Draw(rt, "read") {
	case 5, 6:
		return drawWalk(rt, t, name, want, build, another)
	case 0:
		return op{"count " + name, false, func(m *model) (any, error) { return len(want(m)), nil },
			func(s stores) (any, error) { return build(s).Count(ctx) }}
	case 1:
		return op{"keys " + name, false, func(m *model) (any, error) { return keysOf(want(m)), nil },
			func(s stores) (any, error) {
				var out []K
				for k, err := range build(s).Keys(ctx) {
					if err != nil {
						return nil, err
					}
					out = append(out, k)
				}
				return out, nil
			}}
	case 2:
		return op{"first " + name, false, func(m *model) (any, error) {
			rows := want(m)
			if len(rows) == 0 {
				return nil, store.ErrNotFound
			}
			return rows[0], nil
		}, func(s stores) (any, error) { return build(s).First(ctx) }}
	case 3:
		size := rapid.IntRange(1, 4).Draw(rt, "page")
		return op{"pages " + name, false, func(m *model) (any, error) { return want(m), nil },
			func(s stores) (any, error) {
				var out []V
				var cursor store.Cursor[V]
				for {
					page, err := build(s).Page(ctx, size, cursor)
					if err != nil {
						return nil, err
					}
					out = append(out, page.Rows...)
					if cursor = page.Next; cursor == "" {
						return out, nil
					}
				}
			}}
	case 4:
		return op{"delete " + name, true, func(m *model) (any, error) {
			rows := want(m)
			for _, k := range keysOf(rows) {
				m.wrote(t.name + "/" + t.text(k))
				delete(t.rows(m), k)
			}
			return len(rows), nil
		}, func(s stores) (any, error) { return build(s).Delete(ctx) }}
	}
	return op{"rows " + name, false, func(m *model) (any, error) { return want(m), nil },
		func(s stores) (any, error) { return build(s).Rows(ctx) }}
}

// The values are few, so that they meet.
var (
	someIDs   = rapid.SampledFrom([]string{"", "a", "a\x00", "ab", "b", "\xff", "/"})
	someNames = rapid.SampledFrom([]models.UserName{"x", "X", "xy", "y", "", "z\x00"})
	someHours = rapid.IntRange(-2, 3)
	someAges  = rapid.SampledFrom([]int{-1, -1, 0, 9, 25, 30, 31})
)

func someTime(rt *rapid.T) time.Time {
	return start.Add(time.Duration(someHours.Draw(rt, "hour")) * time.Hour)
}

// maybeAgo is a time some days before the start, or none.
func maybeAgo(rt *rapid.T) *time.Time {
	days := someAges.Draw(rt, "days ago")
	if days < 0 {
		return nil
	}
	return ptr(start.Add(-time.Duration(days) * 24 * time.Hour))
}

func maybe[T any](rt *rapid.T, g *rapid.Generator[T]) *T {
	if !rapid.Bool().Draw(rt, "present") {
		return nil
	}
	return ptr(g.Draw(rt, "value"))
}

func drawOp(rt *rapid.T) op {
	switch rapid.IntRange(0, 3).Draw(rt, "table") {
	case 0:
		return drawTableOp(rt, usersModel, drawUserQueries)
	case 1:
		return drawTableOp(rt, jobsModel, drawJobQueries)
	case 2:
		return drawTableOp(rt, notesModel, drawNoteQueries)
	}
	return drawTableOp(rt, eventsModel, drawEventQueries)
}

var usersModel = &table[models.UserID, users.User]{
	name:  "users",
	rows:  func(m *model) map[models.UserID]users.User { return m.users },
	store: func(s stores) store.EntityStore[models.UserID, users.User] { return s.users },
	key:   users.KeyOf,
	text:  func(k models.UserID) string { return string(k) },
	less:  func(a, b models.UserID) int { return cmp.Compare(a, b) },
	fill: func(m *model, v *users.User) {
		v.AuthType, v.StorageMode = models.AuthTypePassword, models.StorageModeTable
		if v.Role == 0 {
			v.Role = models.RoleUser
		}
		if v.CreatedAt.IsZero() {
			v.CreatedAt = m.now
		}
		if v.UpdatedAt.IsZero() {
			v.UpdatedAt = m.now
		}
	},
	refuse: func(v *users.User) error {
		if len(v.AuthData) > 0 && !json.Valid(v.AuthData) {
			return store.ErrInvalid
		}
		return nil
	},
	unique: func(v *users.User) (string, bool) { return strings.ToLower(string(v.Username)), true },
	drawK:  func(rt *rapid.T) models.UserID { return models.UserID(someIDs.Draw(rt, "id")) },
	draw: func(rt *rapid.T) users.User {
		u := users.User{UserID: models.UserID(someIDs.Draw(rt, "id")), Username: someNames.Draw(rt, "name"), PasswordHash: "h",
			Role: models.Role(rapid.IntRange(0, 4).Draw(rt, "role")), DeletedAt: maybeAgo(rt), Email: maybe(rt, someIDs)}
		if rapid.Bool().Draw(rt, "created") {
			u.CreatedAt = someTime(rt)
		}
		u.AuthData = rapid.SampledFrom([]json.RawMessage{nil, nil, json.RawMessage(`{"a":1}`), json.RawMessage(`{`)}).Draw(rt, "auth")
		return u
	},
}

func drawUserQueries(rt *rapid.T) []query[models.UserID, users.User, *users.Query] {
	type Q = *users.Query
	type U = users.User
	lo, hi := models.UserID(someIDs.Draw(rt, "lo")), models.UserID(someIDs.Draw(rt, "hi"))
	name := someNames.Draw(rt, "name")
	low := models.UserName(strings.ToLower(string(name)))
	role := models.Role(rapid.IntRange(1, 4).Draw(rt, "role"))
	at := start.Add(-time.Duration(rapid.IntRange(0, 31).Draw(rt, "days")) * 24 * time.Hour)
	fold := func(u *U) models.UserName { return models.UserName(strings.ToLower(string(u.Username))) }
	byName := func(a, b *U) int { return cmp.Compare(fold(a), fold(b)) }
	byRole := func(a, b *U) int { return cmp.Compare(a.Role, b.Role) }
	byDeleted := func(a, b *U) int { return a.DeletedAt.Compare(*b.DeletedAt) }
	return []query[models.UserID, users.User, *users.Query]{
		{"key", func(s stores) Q { return s.users.Scan() }, func(u *U) bool { return true }, nil, nil},
		{"key between", func(s stores) Q { return s.users.ByKey.UserIDBetween(lo, hi) }, func(u *U) bool { return lo <= u.UserID && u.UserID < hi }, nil, nil},
		{"key after", func(s stores) Q { return s.users.ByKey.UserIDAfter(lo) }, func(u *U) bool { return u.UserID > lo }, nil, nil},
		{"key to", func(s stores) Q { return s.users.ByKey.UserIDTo(hi) }, func(u *U) bool { return u.UserID <= hi }, nil, nil},
		{"key prefix", func(s stores) Q { return s.users.ByKey.UserIDPrefix(string(lo)) }, func(u *U) bool { return strings.HasPrefix(string(u.UserID), string(lo)) }, nil, nil},
		{"username", func(s stores) Q { return s.users.ByUsername.Scan() }, func(u *U) bool { return true }, byName, nil},
		{"username of", func(s stores) Q { return s.users.ByUsername.Username(name) }, func(u *U) bool { return fold(u) == low }, byName, nil},
		{"username after", func(s stores) Q { return s.users.ByUsername.UsernameAfter(name) }, func(u *U) bool { return fold(u) > low }, byName, nil},
		{"username before", func(s stores) Q { return s.users.ByUsername.UsernameBefore(name) }, func(u *U) bool { return fold(u) < low }, byName, nil},
		{"username prefix", func(s stores) Q { return s.users.ByUsername.UsernamePrefix(string(name)) }, func(u *U) bool { return strings.HasPrefix(string(fold(u)), string(low)) }, byName, nil},
		{"role", func(s stores) Q { return s.users.ByRole.Role(role) }, func(u *U) bool { return u.Role == role }, byRole, nil},
		{"role from", func(s stores) Q {
			return (*users.Query)(enumBound(s.users.Handle(), "role", storeimpl.From, int32(role)))
		}, func(u *U) bool { return u.Role >= role }, byRole, nil},
		{"role to", func(s stores) Q {
			return (*users.Query)(enumBound(s.users.Handle(), "role", storeimpl.To, int32(role)))
		}, func(u *U) bool { return u.Role <= role }, byRole, nil},
		{"deleted", func(s stores) Q { return s.users.ByDeletedAt.Scan() }, func(u *U) bool { return u.DeletedAt != nil }, byDeleted, nil},
		{"deleted before", func(s stores) Q { return s.users.ByDeletedAt.DeletedBefore(at) }, func(u *U) bool { return u.DeletedAt != nil && u.DeletedAt.Before(at) }, byDeleted, nil},
		{"deleted from", func(s stores) Q { return s.users.ByDeletedAt.DeletedFrom(at) }, func(u *U) bool { return u.DeletedAt != nil && !u.DeletedAt.Before(at) }, byDeleted, nil},
	}
}

// enumBound bounds the numbers of an enum, the first column of an index: providers do
// this, and generated code has no method for it.
func enumBound(h *storeimpl.Handle, index string, how storeimpl.Bound, v int32) *storeimpl.Query {
	at := slices.IndexFunc(h.Desc().Indexes, func(ix catalog.Index) bool { return ix.Name == index })
	n := h.Index(at).Narrowing()
	return n.Narrow(how, storeimpl.Asc, keys.AppendEnum(n.At(), v))
}

var jobsModel = &table[models.JobID, jobs.Job]{
	name:  "jobs",
	rows:  func(m *model) map[models.JobID]jobs.Job { return m.jobs },
	store: func(s stores) store.EntityStore[models.JobID, jobs.Job] { return s.jobs },
	key:   jobs.KeyOf,
	text:  func(k models.JobID) string { return string(k) },
	less:  func(a, b models.JobID) int { return cmp.Compare(a, b) },
	fill: func(m *model, v *jobs.Job) {
		if v.Status == 0 {
			v.Status = models.JobStatusNew
		}
		if v.CreatedAt.IsZero() {
			v.CreatedAt = m.now
		}
	},
	refuse: func(v *jobs.Job) error {
		if v.Status == models.JobStatusCompleted && v.StartedAt == nil {
			return store.ErrInvalid
		}
		return nil
	},
	unique: func(v *jobs.Job) (string, bool) {
		if v.IdempotencyKey == nil {
			return "", false
		}
		return *v.IdempotencyKey, true
	},
	drawK: func(rt *rapid.T) models.JobID { return models.JobID(someIDs.Draw(rt, "id")) },
	draw: func(rt *rapid.T) jobs.Job {
		j := jobs.Job{JobID: models.JobID(someIDs.Draw(rt, "id")), JobType: models.JobTypeFlush, NamespaceID: models.NamespaceID(someIDs.Draw(rt, "namespace")),
			Status: models.JobStatus(rapid.SampledFrom([]int{0, 1, 3, 5, 77}).Draw(rt, "status")), CreatedAt: someTime(rt),
			FinishedAt: maybeAgo(rt), IdempotencyKey: maybe(rt, someIDs), Priority: rapid.Int32().Draw(rt, "priority"), MemoryUsed: maybe(rt, rapid.Int64())}
		if rapid.IntRange(0, 4).Draw(rt, "started") > 0 {
			j.StartedAt = ptr(someTime(rt))
		}
		if t := maybe(rt, someIDs); t != nil {
			j.TableName = ptr(models.TableName(*t))
		}
		return j
	},
}

func drawJobQueries(rt *rapid.T) []query[models.JobID, jobs.Job, *jobs.Query] {
	type Q = *jobs.Query
	type J = jobs.Job
	status := models.JobStatus(rapid.SampledFrom([]int{1, 3, 5, 77}).Draw(rt, "status"))
	at, until := someTime(rt), someTime(rt)
	ns, tn := models.NamespaceID(someIDs.Draw(rt, "namespace")), models.TableName(someIDs.Draw(rt, "table"))
	wish := someIDs.Draw(rt, "wish")
	newest := func(a, b *J) int {
		return cmp.Or(cmp.Compare(a.Status, b.Status), b.CreatedAt.Compare(a.CreatedAt))
	}
	byTable := func(a, b *J) int {
		return cmp.Or(cmp.Compare(a.NamespaceID, b.NamespaceID), cmp.Compare(*a.TableName, *b.TableName))
	}
	byWish := func(a, b *J) int { return cmp.Compare(*a.IdempotencyKey, *b.IdempotencyKey) }
	return []query[models.JobID, jobs.Job, *jobs.Query]{
		{"key", func(s stores) Q { return s.jobs.Scan() }, func(j *J) bool { return true }, nil, nil},
		{"status", func(s stores) Q { return s.jobs.ByStatus.Scan() }, func(j *J) bool { return true }, newest, nil},
		{"status of", func(s stores) Q { return s.jobs.ByStatus.Status(status).Scan() }, func(j *J) bool { return j.Status == status }, newest, nil},
		{"status before", func(s stores) Q {
			return (*jobs.Query)(enumBound(s.jobs.Handle(), "status", storeimpl.Before, int32(status)))
		}, func(j *J) bool { return j.Status < status }, newest, nil},
		{"created at", func(s stores) Q { return s.jobs.ByStatus.Status(status).CreatedAt(at) }, func(j *J) bool { return j.Status == status && j.CreatedAt.Equal(at) }, newest, nil},
		{"created after", func(s stores) Q { return s.jobs.ByStatus.Status(status).CreatedAfter(at) }, func(j *J) bool { return j.Status == status && j.CreatedAt.After(at) }, newest, nil},
		{"created from", func(s stores) Q { return s.jobs.ByStatus.Status(status).CreatedFrom(at) }, func(j *J) bool { return j.Status == status && !j.CreatedAt.Before(at) }, newest, nil},
		{"created before", func(s stores) Q { return s.jobs.ByStatus.Status(status).CreatedBefore(at) }, func(j *J) bool { return j.Status == status && j.CreatedAt.Before(at) }, newest, nil},
		{"created to", func(s stores) Q { return s.jobs.ByStatus.Status(status).CreatedTo(at) }, func(j *J) bool { return j.Status == status && !j.CreatedAt.After(at) }, newest, nil},
		{"created between", func(s stores) Q { return s.jobs.ByStatus.Status(status).CreatedBetween(at, until) }, func(j *J) bool { return j.Status == status && !j.CreatedAt.Before(at) && j.CreatedAt.Before(until) }, newest, nil},
		{"table", func(s stores) Q { return s.jobs.ByTable.Scan() }, func(j *J) bool { return j.TableName != nil }, byTable, nil},
		{"namespace", func(s stores) Q { return s.jobs.ByTable.NamespaceID(ns).Scan() }, func(j *J) bool { return j.TableName != nil && j.NamespaceID == ns }, byTable, nil},
		{"table of", func(s stores) Q { return s.jobs.ByTable.NamespaceID(ns).TableName(tn) }, func(j *J) bool { return j.TableName != nil && j.NamespaceID == ns && *j.TableName == tn }, byTable, nil},
		{"table prefix", func(s stores) Q { return s.jobs.ByTable.NamespaceID(ns).TableNamePrefix(string(tn)) }, func(j *J) bool {
			return j.TableName != nil && j.NamespaceID == ns && strings.HasPrefix(string(*j.TableName), string(tn))
		}, byTable, nil},
		{"wish", func(s stores) Q { return s.jobs.ByIdempotencyKey.Scan() }, func(j *J) bool { return j.IdempotencyKey != nil }, byWish, nil},
		{"wish to", func(s stores) Q { return s.jobs.ByIdempotencyKey.IdempotencyKeyTo(wish) }, func(j *J) bool { return j.IdempotencyKey != nil && *j.IdempotencyKey <= wish }, byWish, nil},
	}
}

var notesModel = &table[models.UserRowID, user.Row]{
	name:  "notes",
	rows:  func(m *model) map[models.UserRowID]user.Row { return m.notes },
	store: func(s stores) store.EntityStore[models.UserRowID, user.Row] { return s.notes },
	key:   user.KeyOf,
	text:  models.UserRowID.String,
	less: func(a, b models.UserRowID) int {
		return cmp.Or(cmp.Compare(a.User, b.User), cmp.Compare(a.Row, b.Row))
	},
	fill: func(m *model, v *user.Row) {
		if len(v.Fields) == 0 {
			v.Fields = json.RawMessage("{}")
		}
		if v.UpdatedAt.IsZero() {
			v.UpdatedAt = m.now
		}
	},
	refuse: func(*user.Row) error { return nil },
	unique: func(*user.Row) (string, bool) { return "", false },
	drawK: func(rt *rapid.T) models.UserRowID {
		return models.UserRowID{User: models.UserID(someIDs.Draw(rt, "user")), Row: models.RowID(someIDs.Draw(rt, "row"))}
	},
	draw: func(rt *rapid.T) user.Row {
		return user.Row{UserID: models.UserID(someIDs.Draw(rt, "user")), RowID: models.RowID(someIDs.Draw(rt, "row")),
			UpdatedAt: someTime(rt), Deleted: rapid.Bool().Draw(rt, "deleted")}
	},
}

func drawNoteQueries(rt *rapid.T) []query[models.UserRowID, user.Row, *user.Query] {
	type Q = *user.Query
	type N = user.Row
	u := models.UserID(someIDs.Draw(rt, "user"))
	row := models.RowID(someIDs.Draw(rt, "row"))
	at := someTime(rt)
	own := access.Principal{User: string(u), Role: access.User}
	mine := func(n *N) bool { return n.UserID == u }
	byUpdate := func(a, b *N) int { return cmp.Or(cmp.Compare(a.UserID, b.UserID), a.UpdatedAt.Compare(b.UpdatedAt)) }
	return []query[models.UserRowID, user.Row, *user.Query]{
		{"key", func(s stores) Q { return s.notes.Scan() }, func(n *N) bool { return true }, nil, nil},
		{"user", func(s stores) Q { return s.notes.ByKey.UserID(u).Scan() }, mine, nil, nil},
		{"user after", func(s stores) Q { return s.notes.ByKey.UserIDAfter(u) }, func(n *N) bool { return n.UserID > u }, nil, nil},
		{"user prefix", func(s stores) Q { return s.notes.ByKey.UserIDPrefix(string(u)) }, func(n *N) bool { return strings.HasPrefix(string(n.UserID), string(u)) }, nil, nil},
		{"row from", func(s stores) Q { return s.notes.ByKey.UserID(u).RowIDFrom(row) }, func(n *N) bool { return n.UserID == u && n.RowID >= row }, nil, nil},
		{"row prefix", func(s stores) Q { return s.notes.ByKey.UserID(u).RowIDPrefix(string(row)) }, func(n *N) bool { return n.UserID == u && strings.HasPrefix(string(n.RowID), string(row)) }, nil, nil},
		{"update", func(s stores) Q { return s.notes.ByUpdatedAt.Scan() }, func(n *N) bool { return !n.Deleted }, byUpdate, nil},
		{"update of", func(s stores) Q { return s.notes.ByUpdatedAt.UserID(u).UpdatedFrom(at) }, func(n *N) bool { return n.UserID == u && !n.Deleted && !n.UpdatedAt.Before(at) }, byUpdate, nil},
		{"key, guarded", func(s stores) Q { return s.notes.As(own).Scan() }, func(n *N) bool { return true }, nil, mine},
		{"user after, guarded", func(s stores) Q { return s.notes.As(own).ByKey.UserIDFrom("a") }, func(n *N) bool { return n.UserID >= "a" }, nil, mine},
		{"update, guarded", func(s stores) Q { return s.notes.As(own).ByUpdatedAt.Scan() }, func(n *N) bool { return !n.Deleted }, byUpdate, mine},
	}
}

var eventsModel = &table[models.RowID, stream.Row]{
	name:  "events",
	rows:  func(m *model) map[models.RowID]stream.Row { return m.events },
	store: func(s stores) store.EntityStore[models.RowID, stream.Row] { return s.events },
	key:   stream.KeyOf,
	text:  func(k models.RowID) string { return string(k) },
	less:  func(a, b models.RowID) int { return cmp.Compare(a, b) },
	fill: func(m *model, v *stream.Row) {
		if len(v.Fields) == 0 {
			v.Fields = json.RawMessage("{}")
		}
		if v.InsertedAt.IsZero() {
			v.InsertedAt = m.now
		}
		if v.UpdatedAt.IsZero() {
			v.UpdatedAt = m.now
		}
	},
	refuse: func(*stream.Row) error { return nil },
	unique: func(*stream.Row) (string, bool) { return "", false },
	drawK:  func(rt *rapid.T) models.RowID { return models.RowID(someIDs.Draw(rt, "id")) },
	draw: func(rt *rapid.T) stream.Row {
		r := stream.Row{RowID: models.RowID(someIDs.Draw(rt, "id")), TTLSeconds: maybe(rt, rapid.SampledFrom([]uint32{0, 5, 10, 3600, 1 << 31}))}
		if rapid.IntRange(0, 3).Draw(rt, "inserted") == 0 {
			r.InsertedAt = someTime(rt)
		}
		return r
	},
}

func drawEventQueries(rt *rapid.T) []query[models.RowID, stream.Row, *stream.Query] {
	type Q = *stream.Query
	lo := models.RowID(someIDs.Draw(rt, "lo"))
	return []query[models.RowID, stream.Row, *stream.Query]{
		{"key", func(s stores) Q { return s.events.Scan() }, func(r *stream.Row) bool { return true }, nil, nil},
		{"key from", func(s stores) Q { return s.events.ByKey.RowIDFrom(lo) }, func(r *stream.Row) bool { return r.RowID >= lo }, nil, nil},
		{"key before", func(s stores) Q { return s.events.ByKey.RowIDBefore(lo) }, func(r *stream.Row) bool { return r.RowID < lo }, nil, nil},
		{"key prefix", func(s stores) Q { return s.events.ByKey.RowIDPrefix(string(lo)) }, func(r *stream.Row) bool { return strings.HasPrefix(string(r.RowID), string(lo)) }, nil, nil},
	}
}
