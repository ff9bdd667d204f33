package store_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/stream"
	"github.com/storegen/storegen/generated/system"
	"github.com/storegen/storegen/generated/system/jobs"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/leveldb"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/engine/occ"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/store/storetest"
	"github.com/storegen/storegen/runtime/storeimpl"
)

// loadEngines are engines that are empty.
var loadEngines = map[string]func(t *testing.T) engine.Engine{
	"memory": func(*testing.T) engine.Engine { return memory.New() },
	"leveldb": func(t *testing.T) engine.Engine {
		return must(leveldb.Open(t.TempDir(), smallLevel))
	},
	"ingesting": func(*testing.T) engine.Engine { return &ingesting{Engine: memory.New()} },
	"of few writes": func(*testing.T) engine.Engine {
		return fewWrites(7)
	},
}

// fewWrites is an engine that takes few writes in a commit.
func fewWrites(n int) engine.Engine {
	return memory.NewWithOptions(occ.Options{Limits: engine.Limits{MaxTxOps: n, MaxTxBytes: 1000 * n}})
}

// outlives is an engine that outlives its Close, as a directory does.
type outlives struct{ engine.Engine }

func (outlives) Close() error { return nil }

// ingesting takes sorted pairs.
type ingesting struct {
	engine.Engine
	took   int
	behind func() // called once all is taken, if not nil
	fails  error  // of transactions, if not nil
}

func (e *ingesting) Begin(ctx context.Context, o engine.TxOptions) (engine.Tx, error) {
	if e.fails != nil {
		return nil, e.fails
	}
	return e.Engine.Begin(ctx, o)
}

func (e *ingesting) Ingest(ctx context.Context, pairs engine.Iterator) error {
	last := ""
	b := e.NewBatch()
	for pairs.Next() {
		if key := string(pairs.Key()); key <= last {
			return fmt.Errorf("%q comes behind %q", key, last)
		} else {
			last = key
		}
		b.Put(pairs.Key(), pairs.Value())
	}
	if err := pairs.Err(); err != nil || b.Len() == 0 {
		return err
	}
	e.took += b.Len()
	err := e.Write(ctx, b, engine.WriteOptions{})
	if err == nil && e.behind != nil {
		e.behind()
	}
	return err
}

func openLoad(t testing.TB, eng engine.Engine) *store.DB {
	t.Helper()
	db, err := store.Open(ctx, eng, store.WithClock(store.NewManualClock(start)), store.WithoutSync())
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// each is rows as a sequence.
func each[V any](rows []*V) iter.Seq2[*V, error] {
	return func(yield func(*V, error) bool) {
		for _, v := range rows {
			if !yield(v, nil) {
				return
			}
		}
	}
}

// noFiles has temporary files go to a folder that has to be empty in the end.
func noFiles(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	filesIn(t, dir)
	t.Cleanup(func() {
		found, err := os.ReadDir(dir)
		if err != nil || len(found) > 0 {
			t.Errorf("%d temporary files are left, %v", len(found), err)
		}
	})
}

func filesIn(t *testing.T, dir string) {
	t.Setenv("TMPDIR", dir)
	t.Setenv("TMP", dir)
}

// What memory holds takes no files, and what it does not hold does. Where these cannot be
// written, the table is as before.
func TestLoadMemory(t *testing.T) {
	filesIn(t, filepath.Join(t.TempDir(), "none"))
	var rows []*users.User
	for i := range 2000 {
		rows = append(rows, loadUser(fmt.Sprint(i), fmt.Sprint("name", i)))
	}
	for name, open := range loadEngines {
		eng := open(t)
		db := openLoad(t, eng)
		defer db.Close()
		for _, before := range []int{0, 1} {
			same(t, name, must(users.Load(ctx, db, each(rows[:before]))), before)
			want := stored(eng)
			if n, err := users.Load(ctx, db, each(rows[before:]), store.WithLoadMemory(10_000)); n != 0 || !errors.Is(err, os.ErrNotExist) {
				t.Errorf("%s: loaded %d, %v", name, n, err)
			}
			same(t, name, stored(eng), want)
		}
		same(t, name, must(users.Load(ctx, db, each(rows[1:]), store.WithLoadMemory(2<<20))), len(rows)-1)
	}
}

// stored is what the engine holds beside the catalog.
func stored(eng engine.Engine) map[string]string {
	out := dump(eng)
	for key := range out {
		if strings.HasPrefix(key, "\x00") {
			delete(out, key)
		}
	}
	return out
}

// loadCase loads rows of a table and inserts them into another one, one by one. half loads
// every second one, from the first or the second on.
type loadCase struct {
	name   string
	load   func(db *store.DB, opts ...store.TableOption) (int, error)
	half   func(db *store.DB, from int, opts ...store.TableOption) (int, error)
	insert func(db *store.DB) error
	rows   int
}

// halfOf is every second row.
func halfOf[V any](rows []*V, from int) iter.Seq2[*V, error] {
	var out []*V
	for i := from; i < len(rows); i += 2 {
		out = append(out, rows[i])
	}
	return each(out)
}

func loadCases(rng *rand.Rand) []loadCase {
	scratch := must(store.Open(ctx, memory.New(), store.WithClock(store.NewManualClock(start))))
	us, js, ss := must(users.Open(ctx, scratch)), must(jobs.Open(ctx, scratch)), must(stream.Open(ctx, scratch, "app", "x"))
	const n = 400
	var ur []*users.User
	var jr []*jobs.Job
	var sr []*stream.Row
	for i := range n {
		u, j, s := new(users.User), new(jobs.Job), new(stream.Row)
		storetest.Fill(rng, us, u)
		storetest.Fill(rng, js, j)
		storetest.Fill(rng, ss, s)
		u.UserID, u.Username = models.UserID(fmt.Sprint(rng.Uint64())), models.UserName(fmt.Sprint("name", rng.Uint64()))
		j.JobID, j.FinishedAt = models.JobID(fmt.Sprint(rng.Uint64())), nil
		u.DeletedAt = nil
		if i%3 == 0 {
			j.FinishedAt, u.DeletedAt = ptr(start), ptr(start)
		}
		if j.IdempotencyKey != nil {
			j.IdempotencyKey = ptr(fmt.Sprint(i))
		}
		s.RowID, s.InsertedAt, s.TTLSeconds = models.RowID(fmt.Sprint(rng.Uint64())), start, ptr(uint32(1+rng.IntN(1000)))
		ur, jr, sr = append(ur, u), append(jr, j), append(sr, s)
	}
	return []loadCase{
		{"users", func(db *store.DB, o ...store.TableOption) (int, error) { return users.Load(ctx, db, each(ur), o...) }, func(db *store.DB, from int, o ...store.TableOption) (int, error) {
			return users.Load(ctx, db, halfOf(ur, from), o...)
		}, func(db *store.DB) error {
			return insertAll(must(users.Open(ctx, db)), ur)
		}, n},
		{"jobs", func(db *store.DB, o ...store.TableOption) (int, error) { return jobs.Load(ctx, db, each(jr), o...) }, func(db *store.DB, from int, o ...store.TableOption) (int, error) {
			return jobs.Load(ctx, db, halfOf(jr, from), o...)
		}, func(db *store.DB) error {
			return insertAll(must(jobs.Open(ctx, db)), jr)
		}, n},
		{"stream", func(db *store.DB, o ...store.TableOption) (int, error) {
			return stream.Load(ctx, db, "app", "x", each(sr), o...)
		}, func(db *store.DB, from int, o ...store.TableOption) (int, error) {
			return stream.Load(ctx, db, "app", "x", halfOf(sr, from), o...)
		}, func(db *store.DB) error { return insertAll(must(stream.Open(ctx, db, "app", "x")), sr) }, n},
	}
}

func insertAll[V any](s interface {
	Insert(ctx context.Context, v *V) error
}, rows []*V) error {
	for _, v := range rows {
		if err := s.Insert(ctx, v); err != nil {
			return err
		}
	}
	return nil
}

// Rows that are loaded are stored, byte for byte, as rows that are inserted one by one.
func TestLoad(t *testing.T) {
	for name, open := range loadEngines {
		t.Run(name, func(t *testing.T) {
			noFiles(t)
			for _, c := range loadCases(rand.New(rand.NewPCG(1, 2))) {
				want := memory.New()
				by := openLoad(t, want)
				if err := c.insert(by); err != nil {
					t.Fatal(err)
				}
				eng := open(t)
				db := openLoad(t, eng)
				n, err := c.load(db, store.WithLoadMemory(20_000))
				if err != nil || n != c.rows {
					t.Fatalf("%s: %d rows, %v", c.name, n, err)
				}
				same(t, c.name, stored(eng), stored(want))
				if in, ok := eng.(*ingesting); ok && in.took < c.rows {
					t.Errorf("the engine took %d pairs", in.took)
				}
				if _, err := c.load(db); !errors.Is(err, store.ErrExists) || !strings.Contains(err.Error(), ": already exists") {
					t.Errorf("%s: loading it again: %v", c.name, err)
				}
				same(t, c.name+", after a second load", stored(eng), stored(want))
				if err := c.insert(db); !errors.Is(err, store.ErrExists) { // which opens it
					t.Errorf("%s: inserting the same: %v", c.name, err)
				}
				if _, err := c.load(db); !errors.Is(err, store.ErrInUse) {
					t.Errorf("%s: loading it while it is open: %v", c.name, err)
				}
				if v := must(admin.Verify(ctx, db, admin.VerifyOptions{})); v.Findings > 0 || v.Rows != c.rows {
					t.Errorf("%s: verify: %+v", c.name, v)
				}
				if err := errors.Join(db.Close(), by.Close()); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func loadUser(id, name string) *users.User {
	return &users.User{UserID: models.UserID(id), Username: models.UserName(name)}
}

type refusal struct {
	name string
	ctx  context.Context
	rows func(yield func(*users.User, error) bool)
	is   error
	says string
}

// What an Ingester has taken beside other rows is there, whatever comes then: an error says
// so, and a context that ends is none.
func TestLoadIngestedLate(t *testing.T) {
	for _, tt := range []struct {
		name   string
		behind func(eng *ingesting, cancel func())
		is     error
		n      int
	}{
		{"cancelled", func(_ *ingesting, cancel func()) { cancel() }, nil, 1},
		{"failing", func(eng *ingesting, _ func()) { eng.fails = errStop }, engine.ErrUnknown, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			eng := &ingesting{Engine: memory.New()}
			db := openLoad(t, eng)
			defer db.Close()
			same(t, "before", must(users.Load(ctx, db, each([]*users.User{loadUser("a", "a")}))), 1)
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			eng.behind = func() { tt.behind(eng, cancel) }
			n, err := users.Load(ctx, db, each([]*users.User{loadUser("b", "b")}))
			if n != tt.n || !errors.Is(err, tt.is) {
				t.Errorf("%d rows, %v", n, err)
			}
			eng.behind, eng.fails = nil, nil
			same(t, "counted", must(must(users.Open(context.WithoutCancel(ctx), db)).Count(context.WithoutCancel(ctx))), 2)
		})
	}
}

// What is refused leaves nothing behind, and the table can be loaded then.
func TestLoadRefuses(t *testing.T) {
	var many []*users.User
	for i := range 3000 {
		many = append(many, loadUser(fmt.Sprintf("u%05d", i*7919%3000), fmt.Sprintf("name%05d", i)))
	}
	cancelled, cancel := context.WithCancel(ctx)
	defer cancel()
	tests := []refusal{
		{"a key twice", ctx, each(slices.Concat(many, []*users.User{loadUser("u00007", "other")})), store.ErrExists, "load system.users/u00007: already exists: two of the rows have this key"},
		{"a unique value twice", ctx, each(slices.Concat(many, []*users.User{loadUser("z", "NAME00100")})), store.ErrUnique, `username of system.users already has "name00100", held by`},
		{"an invalid row", ctx, each(slices.Concat(many, []*users.User{loadUser(strings.Repeat("x", 300), "x")})), store.ErrInvalid, "load system.users"},
		{"no row", ctx, each(slices.Concat(many, []*users.User{nil})), store.ErrInvalid, "the row at index 3000 is nil"},
		{"an error of the rows", ctx, func(yield func(*users.User, error) bool) { _ = yield(many[0], nil) && yield(nil, errStop) }, errStop, ""},
		{"cancelled", cancelled, func(yield func(*users.User, error) bool) {
			for i, v := range many {
				if i == 2000 {
					cancel()
				}
				if !yield(v, nil) {
					return
				}
			}
		}, context.Canceled, ""},
	}
	for name, open := range loadEngines {
		for what, before := range map[string][]*users.User{"into nothing": nil, "beside rows": {
			loadUser("a", "a"), loadUser("u00007x", "name00100x"), loadUser("u02000x", "name01000x"), loadUser("z1", "z1"),
		}} {
			t.Run(name+" "+what, func(t *testing.T) {
				noFiles(t)
				eng := open(t)
				db := openLoad(t, eng)
				defer db.Close()
				same(t, "before", must(users.Load(ctx, db, each(before))), len(before))
				want := stored(eng)
				tests := slices.Clone(tests)
				for _, u := range before {
					tests = append(tests, refusal{"a key that is there", ctx, each(slices.Concat(many, []*users.User{loadUser(string(u.UserID), "new")})), store.ErrExists, "load system.users/" + string(u.UserID) + ": already exists"},
						refusal{"a unique value that is there", ctx, each(slices.Concat(many, []*users.User{loadUser("new", strings.ToUpper(string(u.Username)))})), store.ErrUnique, "load system.users/new: unique violation: username of system.users already has \"" + string(u.Username) + "\", held by " + string(u.UserID)})
				}
				for _, tt := range tests {
					n, err := users.Load(tt.ctx, db, tt.rows, store.WithLoadMemory(30_000))
					if n != 0 || !errors.Is(err, tt.is) || !strings.Contains(fmt.Sprint(err), tt.says) {
						t.Errorf("%s: %d rows, %v", tt.name, n, err)
					}
					same(t, tt.name, stored(eng), want)
				}
				same(t, "rows", must(users.Load(ctx, db, each(many))), len(many))
				same(t, "counted", must(must(users.Open(ctx, db)).Count(ctx)), len(many)+len(before))
				same(t, "findings", must(admin.Verify(ctx, db, admin.VerifyOptions{})).Findings, 0)
			})
		}
	}
}

// Rows that are added to others are stored, byte for byte, as if all had been inserted.
func TestLoadAdds(t *testing.T) {
	for name, open := range loadEngines {
		t.Run(name, func(t *testing.T) {
			noFiles(t)
			for _, c := range loadCases(rand.New(rand.NewPCG(5, 6))) {
				want := memory.New()
				if err := c.insert(openLoad(t, want)); err != nil {
					t.Fatal(err)
				}
				eng := open(t)
				db := openLoad(t, eng)
				for from := range 2 {
					if n, err := c.half(db, from, store.WithLoadMemory(10_000)); err != nil || n != c.rows/2 {
						t.Fatalf("%s: %d rows, %v", c.name, n, err)
					}
				}
				same(t, c.name, stored(eng), stored(want))
				if err := c.insert(db); !errors.Is(err, store.ErrExists) { // which opens it
					t.Errorf("%s: inserting the same: %v", c.name, err)
				}
				if v := must(admin.Verify(ctx, db, admin.VerifyOptions{})); v.Findings > 0 || v.Rows != c.rows {
					t.Errorf("%s: verify: %+v", c.name, v)
				}
				if err := db.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// Commits keep to the limit of their bytes, wherever it lies.
func TestLoadMaxTxBytes(t *testing.T) {
	var rows []*users.User
	for i := range 300 {
		rows = append(rows, loadUser(fmt.Sprint("a user", i), fmt.Sprint("name", i)))
	}
	for most := 3000; most < 3080; most++ {
		db := openLoad(t, memory.NewWithOptions(occ.Options{Limits: engine.Limits{MaxTxBytes: most}}))
		for _, part := range [][]*users.User{rows[:1], rows[1:]} {
			if n, err := users.Load(ctx, db, each(part)); n != len(part) || err != nil {
				t.Fatalf("at most %d bytes: %d rows, %v", most, n, err)
			}
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}

// What does not depend on the rows is refused before they are read.
func TestLoadRefusedAtOnce(t *testing.T) {
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	rows := func(func(*users.User, error) bool) { t.Error("rows are read") }
	members := func(func(*stream.Row, error) bool) { t.Error("rows are read") }
	closed := openLoad(t, memory.New())
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	db := openLoad(t, memory.New())
	defer db.Close()
	for _, tt := range []struct {
		name string
		load func() (int, error)
		is   error
		says string
	}{
		{"cancelled", func() (int, error) { return users.Load(cancelled, db, rows) }, context.Canceled, "load system.users: context canceled"},
		{"closed", func() (int, error) { return users.Load(ctx, closed, rows) }, store.ErrClosed, "load system.users: closed"},
		{"nil", func() (int, error) { return users.Load(ctx, db, nil) }, store.ErrInvalid, "load system.users: invalid: the sequence of rows is nil; one that has no rows yields none"},
		{"member, cancelled", func() (int, error) { return stream.Load(cancelled, db, "a", "b", members) }, context.Canceled, "load stream[a/b]: context canceled"},
		{"member, closed", func() (int, error) { return stream.Load(ctx, closed, "a", "b", members) }, store.ErrClosed, "load stream[a/b]: closed"},
		{"member, nil", func() (int, error) { return stream.Load(ctx, db, "a", "b", nil) }, store.ErrInvalid, "load stream[a/b]: invalid: the sequence of rows is nil; one that has no rows yields none"},
	} {
		n, err := tt.load()
		if n != 0 || !errors.Is(err, tt.is) || fmt.Sprint(err) != tt.says {
			t.Errorf("%s: %d, %v", tt.name, n, err)
		}
	}
}

// While a table is loaded, this program neither opens nor drops nor loads it, and what
// looks at all tables does not see it.
func TestLoadMeanwhile(t *testing.T) {
	noFiles(t)
	db := openLoad(t, memory.New())
	defer db.Close()
	n, err := users.Load(ctx, db, func(yield func(*users.User, error) bool) {
		for i := range 1000 {
			if !yield(loadUser(fmt.Sprint(i), fmt.Sprint("name", i)), nil) {
				return
			}
		}
		_, err := users.Open(ctx, db)
		same(t, "open", errors.Is(err, store.ErrInUse), true)
		_, err = system.Open(ctx, db)
		same(t, "open all", errors.Is(err, store.ErrInUse), true)
		_, err = users.Load(ctx, db, each([]*users.User{}))
		same(t, "load", errors.Is(err, store.ErrInUse), true)
		same(t, "drop", errors.Is(db.DropTable(ctx, "system.users"), store.ErrInUse), true)
		same(t, "verify", must(admin.Verify(ctx, db, admin.VerifyOptions{})).Findings, 0)
	}, store.WithLoadMemory(10_000))
	same(t, "rows", n, 1000)
	same(t, "error", err, nil)
	sys, err := system.Open(ctx, db)
	same(t, "open", err, nil)
	same(t, "one", must(sys.Users.ByUsername.Get(ctx, "name7")).UserID, "7")
}

// Rows that have expired are left out, with what they would have.
func TestLoadExpired(t *testing.T) {
	eng := memory.New()
	db := openLoad(t, eng)
	defer db.Close()
	rows := []*stream.Row{
		{RowID: "a", InsertedAt: start.Add(-time.Hour), TTLSeconds: ptr(uint32(60))},
		{RowID: "b", InsertedAt: start, TTLSeconds: ptr(uint32(60))},
	}
	same(t, "rows", must(stream.Load(ctx, db, "app", "x", each(rows))), 1)
	same(t, "pairs", len(stored(eng)), 2)
}

// Rows that have expired give way to those that are loaded, with all that they have, and
// with what others want of them.
func TestLoadOverExpired(t *testing.T) {
	later := start.Add(1000 * time.Hour)
	user := func(id, name string, deleted *time.Time) *users.User {
		u := loadUser(id, name)
		u.DeletedAt = deleted
		return u
	}
	before := []*users.User{user("a", "a", &start), user("b", "b", &start), user("c", "c", nil), user("d", "d", &start)}
	added := []*users.User{user("a", "new", nil), user("x", "b", nil), user("b", "d", nil)}
	for name, open := range loadEngines {
		t.Run(name, func(t *testing.T) {
			eng := open(t)
			db := openLoad(t, eng)
			same(t, "before", must(users.Load(ctx, db, each(before))), len(before))
			db, err := store.Open(ctx, eng, store.WithClock(store.NewManualClock(later)))
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			same(t, "added", must(users.Load(ctx, db, each(added))), len(added))
			want := memory.New()
			only, err := store.Open(ctx, want, store.WithClock(store.NewManualClock(later)))
			if err != nil {
				t.Fatal(err)
			}
			defer only.Close()
			same(t, "alone", must(users.Load(ctx, only, each(slices.Concat(before[2:3], added)))), 4)
			same(t, "stored", stored(eng), stored(want))
		})
	}
}

// lettersCodec is mortalCodec whose rows have an entry for each letter of B.
type lettersCodec struct{ mortalCodec }

func (lettersCodec) Entries(e *storeimpl.Entries, v *pairRow) {
	for _, letter := range v.B {
		e.End(keys.AppendString(e.Begin(0), string(letter)))
	}
}

// One row that has expired gives way to several that each want one of its values.
func TestLoadOverExpiredOfSeveralValues(t *testing.T) {
	desc := mortalDesc("pairs")
	desc.Indexes[0].Columns[0].Field, desc.Indexes[0].Unique = 2, true
	codec := lettersCodec{mortalCodec{pairCodec{desc}}}
	rows := func(of ...*pairRow) iter.Seq2[any, error] {
		return func(yield func(any, error) bool) {
			for _, row := range of {
				if !yield(row, nil) {
					return
				}
			}
		}
	}
	for name, open := range loadEngines {
		t.Run(name, func(t *testing.T) {
			eng := open(t)
			db := openLoad(t, eng)
			same(t, "before", must(storeimpl.LoadTable(ctx, db, storeimpl.Typed(codec), rows(&pairRow{K: "1", A: "mortal", B: "abcd"}, &pairRow{K: "2", B: "x"}))), 2)
			db, err := store.Open(ctx, eng, store.WithClock(store.NewManualClock(start.Add(time.Hour))))
			if err != nil {
				t.Fatal(err)
			}
			same(t, "added", must(storeimpl.LoadTable(ctx, db, storeimpl.Typed(codec), rows(&pairRow{K: "3", B: "a"}, &pairRow{K: "4", B: "bc"}))), 2)
			s := must(storeimpl.OpenTyped(ctx, db, codec))
			for _, k := range []string{"2", "3", "4"} {
				same(t, k, must(s.Has(ctx, k)), true)
			}
			same(t, "findings", must(admin.Verify(ctx, db, admin.VerifyOptions{})).Findings, 0)
		})
	}
}

// A value that is held without a row is not taken: Verify and Repair are for that.
func TestLoadBesideDamage(t *testing.T) {
	eng := memory.New()
	db := openLoad(t, eng)
	defer db.Close()
	same(t, "before", must(users.Load(ctx, db, each([]*users.User{loadUser("a", "a")}))), 1)
	b := eng.NewBatch()
	for key := range stored(eng) {
		if strings.HasPrefix(key, "\x08\x00") {
			b.Delete([]byte(key))
		}
	}
	if err := eng.Write(ctx, b, engine.WriteOptions{}); err != nil || b.Len() != 1 {
		t.Fatal(err)
	}
	_, err := users.Load(ctx, db, each([]*users.User{loadUser("b", "a")}))
	same(t, "taken", errors.Is(err, store.ErrUnique), true)
}

// mortal is an engine that takes so many commits, and none from then on.
type mortal struct {
	engine.Engine
	left int
}

var errDied = errors.New("the machine has stopped")

func (e *mortal) Begin(ctx context.Context, o engine.TxOptions) (engine.Tx, error) {
	tx, err := e.Engine.Begin(ctx, o)
	return mortalTx{tx, e}, err
}

type mortalTx struct {
	engine.Tx
	e *mortal
}

func (tx mortalTx) Commit(ctx context.Context) (uint64, error) {
	if tx.e.left--; tx.e.left < 0 {
		return 0, errors.Join(errDied, tx.Tx.Rollback())
	}
	return tx.Tx.Commit(ctx)
}

// Wherever a load is broken off, the next program finds an empty table, or all of it; and
// where clearing is broken off too, the one after that does.
func TestLoadBrokenOff(t *testing.T) {
	noFiles(t)
	for _, c := range loadCases(rand.New(rand.NewPCG(3, 4))) {
		through := false
		for cut := 0; !through; cut++ {
			eng := outlives{fewWrites(150)}
			n, err := c.load(openLoad(t, &mortal{eng, 4 + cut}))
			if through = err == nil; through && n != c.rows {
				t.Fatalf("%s: %d rows", c.name, n)
			}
			want := 0
			if through {
				want = c.rows
			}
			db := openLoad(t, eng)
			if v := must(admin.Verify(ctx, db, admin.VerifyOptions{})); v.Findings > 0 {
				t.Fatalf("%s, cut behind %d: %d findings", c.name, cut, v.Findings)
			}
			if !through {
				// Opening it dies as well, and then does not.
				_, _ = c.load(openLoad(t, &mortal{eng, 1 + cut%3}))
				same(t, c.name+": loaded again", must(c.load(db)), c.rows)
				want = c.rows
			}
			rows := 0
			for key := range stored(eng) {
				if strings.HasPrefix(key, "\x08\x00") || strings.HasPrefix(key, "\x09\x00") {
					rows++
				}
			}
			if rows != want {
				t.Fatalf("%s, cut behind %d: %d rows, want %d", c.name, cut, rows, want)
			}
			if err := c.insert(db); !errors.Is(err, store.ErrExists) {
				t.Fatalf("%s: %v", c.name, err)
			}
			if v := must(admin.Verify(ctx, db, admin.VerifyOptions{})); v.Findings > 0 || v.Rows != want {
				t.Fatalf("%s, cut behind %d: %+v", c.name, cut, v)
			}
		}
	}
}

// Wherever a load into a table that has rows is broken off, the next program finds these, or
// all, and nothing of the rest; and where taking it back is broken off too, the one after
// that does.
func TestLoadBrokenOffBesideRows(t *testing.T) {
	noFiles(t)
	for _, c := range loadCases(rand.New(rand.NewPCG(7, 8))) {
		first := memory.New()
		same(t, c.name, must(c.half(openLoad(t, first), 0)), c.rows/2)
		all := memory.New()
		if err := c.insert(openLoad(t, all)); err != nil {
			t.Fatal(err)
		}
		before, after := stored(first), stored(all)
		through := false
		for cut := 0; !through; cut++ {
			eng := outlives{fewWrites(50)}
			same(t, c.name, must(c.half(openLoad(t, eng), 0)), c.rows/2)
			dying := &mortal{eng, 1 + cut}
			n, err := c.half(openLoad(t, dying), 1)
			done := err == nil
			if through = dying.left > 0; done && n != c.rows/2 {
				t.Fatalf("%s: %d rows", c.name, n)
			}
			// Opening it dies as well, and then does not.
			_, _ = c.half(openLoad(t, &mortal{eng, 1 + cut%3}), 1)
			db := openLoad(t, eng)
			if err := c.insert(db); !errors.Is(err, store.ErrExists) {
				t.Fatalf("%s, cut behind %d: %v", c.name, cut, err)
			}
			want := before
			if done {
				want = after
			}
			same(t, fmt.Sprintf("%s, cut behind %d", c.name, cut), stored(eng), want)
			if v := must(admin.Verify(ctx, db, admin.VerifyOptions{})); v.Findings > 0 {
				t.Fatalf("%s, cut behind %d: %+v", c.name, cut, v)
			}
		}
	}
}

// Another program that opens the table ends the load, and its own rows stay.
func TestLoadAndAnotherProgram(t *testing.T) {
	eng := fewWrites(10)
	stepped := &interrupted{Engine: eng}
	one, other := openLoad(t, stepped), openLoad(t, eng)
	var us *users.Store
	stepped.at, stepped.do = 8, func() {
		us = must(users.Open(ctx, other))
		if err := us.Insert(ctx, loadUser("mine", "mine")); err != nil {
			t.Error(err)
		}
	}
	var rows []*users.User
	for i := range 100 {
		rows = append(rows, loadUser(fmt.Sprint(i), fmt.Sprint("name", i)))
	}
	_, err := users.Load(ctx, one, each(rows))
	if !errors.Is(err, store.ErrInUse) || us == nil {
		t.Fatalf("load: %v", err)
	}
	same(t, "rows", must(us.Count(ctx)), 1)
	same(t, "its own", must(us.Has(ctx, "mine")), true)
	same(t, "verify", must(admin.Verify(ctx, other, admin.VerifyOptions{})).Findings, 0)
}

// What happens while a member is written: this program cannot open it, and what looks at all
// tables does not see it. A load that is given up then leaves nothing.
func TestLoadWhileWriting(t *testing.T) {
	var rows []*stream.Row
	for i := range 100 {
		rows = append(rows, &stream.Row{RowID: models.RowID(fmt.Sprint(i)), InsertedAt: start, TTLSeconds: ptr(uint32(60))})
	}
	for _, give := range []bool{false, true} {
		inner := fewWrites(10)
		eng := &interrupted{Engine: inner}
		db := openLoad(t, eng)
		must(stream.Open(ctx, db, "app", "other"))
		within, cancel := context.WithCancel(ctx)
		eng.at, eng.do = 10, func() {
			same(t, "something was written", len(stored(inner)) > 0, true)
			_, err := stream.Open(ctx, db, "app", "x")
			same(t, "open", errors.Is(err, store.ErrInUse), true)
			same(t, "verify", must(admin.Verify(ctx, db, admin.VerifyOptions{})), admin.Verified{Skipped: 1})
			same(t, "sweep", must(admin.Sweep(ctx, db, 0)), admin.Swept{})
			if give {
				cancel()
			}
		}
		n, err := stream.Load(within, db, "app", "x", each(rows))
		switch {
		case give:
			same(t, "given up", errors.Is(err, context.Canceled), true)
			same(t, "left", len(stored(inner)), 0)
		default:
			same(t, "error", err, nil)
			same(t, "rows", n, 100)
		}
		cancel()
		same(t, "counted", must(must(stream.Open(ctx, db, "app", "x")).Count(ctx)), n)
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}

// interrupted is an engine in which something happens at a transaction.
type interrupted struct {
	engine.Engine
	at int
	do func()
}

func (e *interrupted) Begin(ctx context.Context, o engine.TxOptions) (engine.Tx, error) {
	if e.at--; e.at == 0 {
		e.do()
	}
	return e.Engine.Begin(ctx, o)
}
