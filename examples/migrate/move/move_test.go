package move

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/storegen/storegen/examples/migrate/before"
	"github.com/storegen/storegen/internal/torture/disk"
	"github.com/storegen/storegen/runtime/admin"
	engine "github.com/storegen/storegen/runtime/engine/leveldb"
	"github.com/storegen/storegen/runtime/store"
	"github.com/syndtr/goleveldb/leveldb"
	"github.com/syndtr/goleveldb/leveldb/opt"
)

var (
	ctx     = context.Background()
	noon    = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	errStop = errors.New("stopped")
)

// world is both sides on disks of their own, with a model of what was
// acknowledged.
type world struct {
	testing.TB
	rng              *rand.Rand
	oldDisk, newDisk *disk.Disk
	oldDB            *leveldb.DB
	old              *before.Store
	db               *store.DB
	d                *DB
	users            map[string]before.User
	jobs             map[string]before.Job
	versions         map[string]before.Version

	steps   int // so far
	stop    int // the step at which the program ends, 0 for none
	stopped bool
	writing bool // a write within a copy is under way
}

func newWorld(t testing.TB, seed uint64) *world {
	w := &world{TB: t, rng: rand.New(rand.NewPCG(seed, 1)), users: map[string]before.User{}, jobs: map[string]before.Job{}, versions: map[string]before.Version{}}
	w.oldDisk, w.newDisk = disk.New(rand.New(rand.NewPCG(seed, 2))), disk.New(rand.New(rand.NewPCG(seed, 3)))
	w.openOld()
	for range 40 {
		u, j := w.user(), w.job()
		if err := w.old.PutUser(u); err == nil {
			w.users[u.ID] = u
		} else if !errors.Is(err, before.ErrNameTaken) {
			t.Fatal(err)
		}
		if err := w.old.PutJob(j); err != nil {
			t.Fatal(err)
		}
		w.jobs[j.ID] = j
		v := w.version()
		if err := w.old.PutVersion(v); err != nil {
			t.Fatal(err)
		}
		w.versions[v.ID()] = v
	}
	if err := w.open(); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) openOld() {
	var err error
	if w.oldDB, err = leveldb.Open(w.oldDisk, &opt.Options{WriteBuffer: 64 << 10, BlockCacheCapacity: 64 << 10}); err != nil {
		w.Fatal(err)
	}
	w.old = before.New(w.oldDB)
}

func (w *world) open() error {
	eng, err := engine.OpenStorage(w.newDisk, &engine.Options{WriteBuffer: 64 << 10, BlockCache: 64 << 10})
	if err != nil {
		return err
	}
	if w.db, err = store.Open(ctx, eng, store.WithClock(store.NewManualClock(noon))); err != nil {
		return err
	}
	w.d, err = open(ctx, w.old, w.db, w.step)
	return err
}

func (w *world) close() {
	w.db.Close()
	w.oldDB.Close()
}

// step ends the program at its time, and lets others write between the batches of
// a copy.
func (w *world) step(what string) error {
	w.steps++
	if w.steps == w.stop {
		w.stopped = true
	}
	if w.stopped {
		return errStop
	}
	if what == "copied a batch" && !w.writing {
		w.writing = true
		defer func() { w.writing = false }()
		for range 3 {
			if err := w.write(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *world) user() before.User {
	n := w.rng.IntN(30)
	u := before.User{ID: fmt.Sprint("u:", n), Name: fmt.Sprint("Name ", w.rng.IntN(40)), Hash: "h", Role: []string{"user", "dba"}[w.rng.IntN(2)],
		CreatedAt: noon.UnixMilli() - int64(n), UpdatedAt: noon.UnixMilli() + w.rng.Int64N(1000)}
	if n%3 == 0 {
		u.Email, u.DeletedAt = "a@b", noon.UnixMilli()-w.rng.Int64N(1000)
	}
	return u
}

func (w *world) job() before.Job {
	n := w.rng.IntN(40)
	return before.Job{ID: fmt.Sprint("j/", n), Type: "flush", Namespace: "app", Status: []string{"queued", "running"}[w.rng.IntN(2)], Node: "n",
		CreatedAt: noon.UnixMilli() + int64(n%7), StartedAt: noon.UnixMilli()}
}

func (w *world) version() before.Version {
	zone := []*time.Location{time.UTC, time.FixedZone("", 2*3600), time.FixedZone("", -(9*3600 + 1800))}[w.rng.IntN(3)]
	v := before.Version{Namespace: []string{"app", "", "a/b"}[w.rng.IntN(3)], Table: []string{"orders", "x"}[w.rng.IntN(2)], Version: 1 + w.rng.Uint32N(3),
		CreatedAt: noon.Add(time.Duration(w.rng.IntN(9))).In(zone), Changes: "c"}
	switch w.rng.IntN(3) {
	case 0:
		v.Columns = []before.Column{}
	case 1:
		v.Columns = []before.Column{{Name: "id", Type: "BIGINT", Ordinal: 1}, {Name: "note", Type: "TEXT", Nullable: true, Ordinal: 2}}
	}
	return v
}

// equal compares rows by what they say: a list that is empty is one that is null, and
// a moment is one in every zone.
func equal(a, b any) bool { return cmp.Equal(a, b, cmpopts.EquateEmpty()) }

// write makes a write and notes it. After one that failed, what is there must be
// the row as it was or as it was to be.
func (w *world) write() error {
	switch w.rng.IntN(3) {
	case 0:
		return change(w, w.versions, w.version(), before.Version.ID,
			func(d *DB, v before.Version) error { return d.PutVersion(ctx, v) },
			func(d *DB, v before.Version) error { return d.DeleteVersion(ctx, v.Namespace, v.Table, v.Version) },
			func(d *DB, v before.Version) (before.Version, error) {
				return d.GetVersion(ctx, v.Namespace, v.Table, v.Version)
			})
	case 1:
		return change(w, w.users, w.user(), func(u before.User) string { return u.ID },
			func(d *DB, u before.User) error { return d.PutUser(ctx, u) }, func(d *DB, u before.User) error { return d.DeleteUser(ctx, u.ID) },
			func(d *DB, u before.User) (before.User, error) { return d.GetUser(ctx, u.ID) })
	}
	return change(w, w.jobs, w.job(), func(j before.Job) string { return j.ID },
		func(d *DB, j before.Job) error { return d.PutJob(ctx, j) }, func(d *DB, j before.Job) error { return d.DeleteJob(ctx, j.ID) },
		func(d *DB, j before.Job) (before.Job, error) { return d.GetJob(ctx, j.ID) })
}

func change[O any](w *world, rows map[string]O, o O, idOf func(O) string,
	put, del func(*DB, O) error, get func(*DB, O) (O, error)) error {
	id := idOf(o)
	was, had := rows[id]
	gone := w.rng.IntN(4) == 0
	var err error
	if gone {
		err = del(w.d, o)
	} else {
		err = put(w.d, o)
	}
	if errors.Is(err, before.ErrNameTaken) {
		u := any(o).(before.User)
		if !slices.ContainsFunc(slices.Collect(maps.Values(w.users)), func(x before.User) bool {
			return x.ID != u.ID && strings.EqualFold(x.Name, u.Name)
		}) {
			w.Errorf("%s: %v, and nobody has it", id, err)
		}
		return nil
	}
	if err != nil {
		w.recover()
		got, gerr := get(w.d, o)
		there := gerr == nil
		if gerr != nil && !errors.Is(gerr, before.ErrNotFound) {
			w.Fatal(gerr)
		}
		before, after := there == had && (!had || equal(got, was)), there == !gone && (gone || equal(got, o))
		if !before && !after {
			w.Errorf("%s is %+v (%v) after a stop; it was %+v (%v), to be %+v (%v)", id, got, there, was, had, o, !gone)
		}
		if !after {
			return err
		}
	}
	if gone {
		delete(rows, id)
	} else {
		rows[id] = o
	}
	return err
}

// recover starts the program again after it was stopped, or a disk has failed.
// What was not flushed is gone.
func (w *world) recover() {
	w.close()
	w.oldDisk, w.newDisk, w.stopped, w.stop = w.oldDisk.Crash(), w.newDisk.Crash(), false, 0
	w.openOld()
	if err := w.open(); err != nil {
		w.Fatalf("opening again: %v", err)
	}
}

// check holds every way to the rows against the model.
func (w *world) check() {
	w.Helper()
	for n := range 30 {
		id := fmt.Sprint("u:", n)
		got, err := w.d.GetUser(ctx, id)
		want, ok := w.users[id]
		if ok != (err == nil) || got != want {
			w.Errorf("user %s is %+v, %v, want %+v", id, got, err, want)
		}
		if !ok {
			continue
		}
		if got, err := w.d.UserByName(ctx, strings.ToUpper(want.Name)); err != nil || got != want {
			w.Errorf("by the name %s: %+v, %v, want %+v", want.Name, got, err, want)
		}
	}
	for _, namespace := range []string{"app", "", "a/b"} {
		for n := range uint32(4) {
			got, err := w.d.GetVersion(ctx, namespace, "orders", n)
			want, ok := w.versions[before.VersionID(namespace, "orders", n)]
			if ok != (err == nil) || ok && !equal(got, want) {
				w.Errorf("version %s/orders/%d is %+v, %v, want %+v", namespace, n, got, err, want)
			}
		}
	}
	for _, status := range []string{"queued", "running"} {
		var want []before.Job
		for _, id := range slices.Sorted(maps.Keys(w.jobs)) {
			if w.jobs[id].Status == status {
				want = append(want, w.jobs[id])
			}
		}
		slices.SortStableFunc(want, func(a, b before.Job) int { return int(a.CreatedAt - b.CreatedAt) })
		got, err := w.d.JobsByStatus(ctx, status)
		if err != nil || !cmp.Equal(want, got) {
			w.Errorf("jobs that are %s: %v (-want +got):\n%s", status, err, cmp.Diff(want, got))
		}
	}
}

// whole runs all of a migration, with writes before, within and after it, however
// often it is stopped on the way.
func (w *world) whole() {
	w.Helper()
	writes := func() {
		for range 16 {
			_ = w.write() // it has started the program again, if it was stopped
		}
		w.check()
	}
	// finish does it again after a stop, as often as needed.
	finish := func(do func() error) {
		for range 10 {
			err := do()
			if err == nil {
				return
			}
			if w.stopped || w.oldDisk.Hit() || w.newDisk.Hit() {
				w.recover()
			} // else it was a write within the copy, which has done so
		}
		w.Fatal("the migration does not end")
	}
	writes()
	finish(func() error { _, err := w.d.users.copy(ctx); return err })
	writes()
	finish(func() error {
		if w.d.users.phase != Copying {
			return nil
		}
		return w.d.users.turn(ctx)
	})
	writes()
	finish(func() error { return w.d.Migrate(ctx, func(string) {}) })
	writes()
	if w.d.users.phase != Dropped || w.d.jobs.phase != Dropped || w.d.versions.phase != Dropped {
		w.Errorf("the tables are %q, %q and %q", w.d.users.phase, w.d.jobs.phase, w.d.versions.phase)
	}
	w.recover()
	w.check()
	if _, err := admin.Verify(ctx, w.db, admin.VerifyOptions{Found: func(f admin.Finding) { w.Error(f) }}); err != nil {
		w.Error(err)
	}
	left := 0
	err := errors.Join(
		w.old.EachUser("", func(before.User) (bool, error) { left++; return true, nil }),
		w.old.EachJob("", func(before.Job) (bool, error) { left++; return true, nil }),
		w.old.EachVersion("", func(before.Version) (bool, error) { left++; return true, nil }))
	if err != nil || left > 0 {
		w.Errorf("%d rows are left in the old store, %v", left, err)
	}
}

var stops = flag.Int("stops", 3, "how many steps apart TestStops stops; make test-long stops at each")

// TestStops ends the program at every step of a migration, starts it again and goes
// on: nothing that was acknowledged is lost, and nothing is half there.
func TestStops(t *testing.T) {
	w := newWorld(t, 1)
	w.whole()
	w.close()
	steps := w.steps
	if steps < 100 {
		t.Fatalf("the migration has only %d steps", steps)
	}
	t.Logf("%d steps", steps)
	for stop := 1; stop <= steps && !t.Failed(); stop += max(*stops, 1) {
		w := newWorld(t, 1)
		w.stop = stop
		w.whole()
		w.close()
		if t.Failed() {
			t.Logf("stopped at step %d", stop)
		}
	}
}

// TestPowerCuts lets the disk of one side fail at some operation, which also ends
// writes of the old store halfway, and cuts the power.
func TestPowerCuts(t *testing.T) {
	hits := 0
	for i := range 60 {
		w := newWorld(t, uint64(i))
		d := w.oldDisk
		if i%3 == 2 {
			d = w.newDisk
		}
		d.FailAfter(disk.EverAfter, w.rng.IntN(600))
		w.whole()
		if d.Hit() {
			hits++
		}
		w.close()
		if t.Failed() {
			t.Fatalf("seed %d", i)
		}
	}
	if hits < 30 {
		t.Errorf("only %d of 60 disks failed in time", hits)
	}
	t.Logf("%d disks failed", hits)
}

// A name that two users of the old store have, which its way of looking before it
// writes allows, is reported and not lost.
func TestTwoOfOneName(t *testing.T) {
	w := newWorld(t, 1)
	defer w.close()
	a, b := w.user(), w.user()
	a.ID, b.ID, a.Name, b.Name = "x1", "x2", "Twin", "twin"
	for _, u := range []before.User{a, b} {
		if err := w.old.PutUser(u); err != nil {
			// As two programs at once would have done it.
			if err := w.oldDB.Delete([]byte("user_name:twin"), nil); err != nil {
				t.Fatal(err)
			}
			if err := w.old.PutUser(u); err != nil {
				t.Fatal(err)
			}
		}
	}
	err := w.d.Migrate(ctx, func(string) {})
	if !errors.Is(err, before.ErrNameTaken) || !strings.Contains(err.Error(), "copy user x2") || !strings.Contains(err.Error(), "held by x1") {
		t.Fatalf("the migration says %v", err)
	}
	if w.d.users.phase != Copying {
		t.Errorf("the table is %q", w.d.users.phase)
	}
	a.Name = "Other"
	if err := w.d.PutUser(ctx, a); err != nil {
		t.Fatal(err)
	}
	if err := w.d.Migrate(ctx, func(string) {}); err != nil {
		t.Fatal(err)
	}
	if got, err := w.d.UserByName(ctx, "other"); err != nil || got != a {
		t.Errorf("%+v, %v", got, err)
	}
}

// A comparison finds a row that differs, and the table stays where it is.
func TestCompareFinds(t *testing.T) {
	w := newWorld(t, 1)
	defer w.close()
	if _, err := w.d.users.copy(ctx); err != nil {
		t.Fatal(err)
	}
	for id := range w.users {
		u, err := w.old.GetUser(id)
		if err != nil {
			t.Fatal(err)
		}
		u.Hash = "behind the adapter's back"
		if err := w.old.PutUser(u); err != nil {
			t.Fatal(err)
		}
		break
	}
	if err := w.d.users.turn(ctx); err == nil || !strings.Contains(err.Error(), "behind the adapter's back") {
		t.Errorf("the comparison says %v", err)
	}
	if w.d.users.phase != Copying {
		t.Errorf("the table is %q", w.d.users.phase)
	}
}

// pairs is all that the old store has, but for what the migration notes.
func (w *world) pairs() map[string]string {
	out := map[string]string{}
	it := w.oldDB.NewIterator(nil, nil)
	defer it.Release()
	for it.Next() {
		if !strings.HasPrefix(string(it.Key()), "migrate:") {
			out[string(it.Key())] = string(it.Value())
		}
	}
	if err := it.Error(); err != nil {
		w.Fatal(err)
	}
	return out
}

// A copy writes nothing to the old store. A row with a member that the program's
// struct lacks is named, and stays as it is: the new side would not have it.
func TestCopyLeavesTheOldRows(t *testing.T) {
	w := newWorld(t, 1)
	defer w.close()
	w.writing = true // nobody writes between the batches
	w.d.users.step, w.d.versions.step = func(string) error { return nil }, func(string) error { return nil }
	rows := map[string]string{
		"user:x1":                     `{"phone": "1", "id": "x1", "name": "Twin", "role": "user"}`,
		"version:app:list:0000000001": `{"namespace":"app","table":"list","version":1,"columns":[{"name":"id","unit":"m"}],"created_at":"2024-05-06T07:08:09+02:00","changes":""}`,
	}
	fixed := map[string]string{"user:x1": `"phone": "1", `, "version:app:list:0000000001": `,"unit":"m"`}
	for key, text := range rows {
		if err := w.oldDB.Put([]byte(key), []byte(text), nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.oldDB.Put([]byte("user_name:twin"), []byte(`"x1"`), nil); err != nil {
		t.Fatal(err)
	}
	before := w.pairs()
	for key, copy := range map[string]func(context.Context) (int, error){"user:x1": w.d.users.copy, "version:app:list:0000000001": w.d.versions.copy} {
		_, err := copy(ctx)
		name := strings.Replace(key, ":", " ", 1)
		if err == nil || !strings.Contains(err.Error(), "copy "+name) || !strings.Contains(err.Error(), "unknown field") {
			t.Errorf("%s: the copy says %v", key, err)
		}
		if diff := cmp.Diff(before, w.pairs()); diff != "" {
			t.Errorf("%s: the old store is changed (-was +is):\n%s", key, diff)
		}
		before[key] = strings.Replace(rows[key], fixed[key], "", 1)
		if err := w.oldDB.Put([]byte(key), []byte(before[key]), nil); err != nil {
			t.Fatal(err)
		}
		if _, err := copy(ctx); err != nil {
			t.Errorf("%s: %v", key, err)
		}
		if diff := cmp.Diff(before, w.pairs()); diff != "" {
			t.Errorf("%s: the old store is changed (-was +is):\n%s", key, diff)
		}
	}
	if err := errors.Join(w.d.users.turn(ctx), w.d.versions.turn(ctx)); err != nil {
		t.Error(err)
	}
}

// Rows differ where they say different things, and the message tells which.
func TestDifference(t *testing.T) {
	at := noon.In(time.FixedZone("", 7200))
	one := before.Column{Name: "a"}
	tests := []struct {
		name     string
		old, new before.Version
		want     string
	}{
		{"the same", before.Version{Table: "t"}, before.Version{Table: "t"}, ""},
		{"an empty list and none", before.Version{Columns: []before.Column{}}, before.Version{}, ""},
		{"a moment in two zones", before.Version{CreatedAt: at}, before.Version{CreatedAt: noon}, ""},
		{"a moment", before.Version{CreatedAt: at}, before.Version{CreatedAt: noon.Add(1)}, `CreatedAt is "2026-03-01T14:00:00+02:00" on the old side, and "2026-03-01T12:00:00.000000001Z" on the new one`},
		{"a part of a list", before.Version{Columns: []before.Column{one, one}}, before.Version{Columns: []before.Column{one, {Name: "a ", Ordinal: 1}}}, `Columns[1].Name is "a" on the old side, and "a " on the new one`},
		{"a list and none", before.Version{Columns: []before.Column{one}}, before.Version{}, `Columns is []before.Column{before.Column{Name:"a", Type:"", Nullable:false, Ordinal:0x0}} on the old side, and []before.Column(nil) on the new one`},
	}
	for _, tt := range tests {
		if got := difference(tt.old, tt.new); got != tt.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

// Two keys of several parts that are one text in the old store are told apart.
func TestKeysOfOneText(t *testing.T) {
	w := newWorld(t, 1)
	defer w.close()
	first := before.Version{Namespace: "a:b", Table: "c", Version: 1}
	if err := w.d.PutVersion(ctx, first); err != nil {
		t.Fatal(err)
	}
	second := before.Version{Namespace: "a", Table: "b:c", Version: 1}
	if err := w.d.PutVersion(ctx, second); err == nil || !strings.Contains(err.Error(), "under the key of") {
		t.Errorf("the second is written: %v", err)
	}
	if err := w.d.DeleteVersion(ctx, "a", "b:c", 1); err == nil {
		t.Error("the second is deleted, which is the first")
	}
	if got, err := w.d.GetVersion(ctx, "a:b", "c", 1); err != nil || !equal(got, first) {
		t.Errorf("the first is %+v, %v", got, err)
	}
}
