package store_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/stream"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/leveldb"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/store"
)

// flipped is a small database of which single bits are flipped, beneath the
// store: the engine's checksums cannot see it, as they do not see what memory
// does to a block behind them.
type flipped struct {
	testing.TB
	eng   engine.Engine
	clock *store.ManualClock
	db    *store.DB
	users *users.Store
	click *stream.Store
}

func (f *flipped) open() (err error) {
	if f.db, err = store.Open(ctx, open{f.eng}, store.WithClock(f.clock), store.WithoutSync()); err != nil {
		return err
	}
	if f.users, err = users.Open(ctx, f.db); err != nil {
		return err
	}
	f.click, err = stream.Open(ctx, f.db, "app", "clicks")
	return err
}

// reads are all ways to the rows, by name: each returns what it has read as
// text, or an error.
func (f *flipped) reads() map[string]func() (string, error) {
	out := map[string]func() (string, error){}
	text := func(v any, err error) (string, error) {
		b, jerr := json.Marshal(v)
		if jerr != nil {
			return jerr.Error(), err // a flip may make nonsense of a JSON field
		}
		return string(b) + hashes(v), err
	}
	for _, id := range []models.UserID{"a", "b"} {
		out["get "+string(id)] = func() (string, error) { return text(f.users.Get(ctx, id)) }
		out["has "+string(id)] = func() (string, error) { return text(f.users.Has(ctx, id)) }
	}
	for _, name := range []models.UserName{"Ann", "bob"} {
		out["by name "+string(name)] = func() (string, error) { return text(f.users.ByUsername.Get(ctx, name)) }
	}
	out["get many"] = func() (string, error) { return text(f.users.GetMany(ctx, []models.UserID{"b", "x", "a"})) }
	out["scan"] = func() (string, error) { return text(f.users.Scan().Rows(ctx)) }
	out["scan back"] = func() (string, error) { return text(f.users.Scan().Reverse().Rows(ctx)) }
	out["count"] = func() (string, error) { return text(f.users.Count(ctx)) }
	out["all names"] = func() (string, error) { return text(f.users.ByUsername.UsernamePrefix("").Rows(ctx)) }
	out["role"] = func() (string, error) { return text(f.users.ByRole.Role(models.RoleUser).Rows(ctx)) }
	out["count of role"] = func() (string, error) { return text(f.users.ByRole.Role(models.RoleUser).Count(ctx)) }
	out["page of role"] = func() (string, error) { return text(f.users.ByRole.Role(models.RoleUser).Page(ctx, 1, "")) }
	out["click"] = func() (string, error) { return text(f.click.Get(ctx, "c")) }
	out["clicks"] = func() (string, error) { return text(f.click.Scan().Rows(ctx)) }
	out["count of clicks"] = func() (string, error) { return text(f.click.Count(ctx)) }
	return out
}

// hashes are the fields that are not in the JSON of rows.
func hashes(v any) string {
	switch v := v.(type) {
	case users.User:
		return v.PasswordHash
	case []users.User:
		var out string
		for _, u := range v {
			out += u.PasswordHash + ";"
		}
		return out
	case store.Page[users.User]:
		return hashes(v.Rows)
	}
	return ""
}

// read does all reads; errors must be of the kinds that are documented.
func (f *flipped) read() map[string]string {
	out := map[string]string{}
	for name, read := range f.reads() {
		got, err := read()
		switch {
		case errors.Is(err, store.ErrCorrupt):
			got = corruptRead
		case errors.Is(err, store.ErrNotFound):
			got = "not found"
		case err != nil:
			f.Errorf("%s: %v is neither corrupt nor not found", name, err)
		}
		out[name] = got
	}
	return out
}

const corruptRead = "corrupt"

// judge compares what was read with what is right.
func judge(want, got map[string]string) (refused, wrong []string) {
	for _, name := range slices.Sorted(maps.Keys(want)) {
		switch got[name] {
		case want[name]:
		case corruptRead:
			refused = append(refused, name)
		default:
			wrong = append(wrong, name)
		}
	}
	return refused, wrong
}

// finds tells whether a look at everything reports the damage: Verify and the
// list of tables.
func (f *flipped) finds() bool {
	found := false
	_, err := admin.Verify(ctx, f.db, admin.VerifyOptions{Found: func(admin.Finding) { found = true }})
	if err != nil && !errors.Is(err, store.ErrCorrupt) {
		f.Errorf("verify: %v", err)
	}
	_, terr := f.db.Tables(ctx)
	return found || err != nil || terr != nil
}

// tally counts what flips of one sort of bytes did.
type tally struct {
	Flips   int
	Refused int // a read was an error, and none was wrong
	Wrong   int // a read was wrong, and Verify or a reopening tells
	Silent  int // a read was wrong, and nothing tells
	Unfound int // all reads were right, and Verify did not find it either
}

var (
	bitStep  = flag.Int("bitstep", 7, "flip one in so many of the bits; make test-long flips all in memory")
	everyBit = flag.Bool("everybit", false, "flip every bit of the catalog too, and all on disk: it takes two minutes")
)

// TestFlipsBeneath flips every bit of every key and value of a database, one at a
// time, and reads everything in every way, while it is open and after it was
// opened again. Nothing panics; what guards the bytes is as docs/format.md says.
// The catalog has most of the bits: of those of its values some are flipped,
// unless all are asked for.
func TestFlipsBeneath(t *testing.T) {
	for _, c := range []struct {
		name          string
		make          func(t *testing.T) engine.Engine
		step, catalog int
	}{
		{"memory", func(*testing.T) engine.Engine { return memory.New() }, 1, 17},
		{"leveldb", func(t *testing.T) engine.Engine { return must(leveldb.Open(t.TempDir(), smallLevel)) }, 7, 119},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.step, c.catalog = c.step*max(*bitStep, 1), c.catalog*max(*bitStep, 1)
			if *everyBit {
				c.step, c.catalog = 1, 1
			}
			flipAll(t, c.make(t), c.step, c.catalog)
		})
	}
}

// flipAll flips one bit of each step of them, and of each catalog of those in
// the catalog's values.
func flipAll(t *testing.T, eng engine.Engine, step, catalog int) {
	f := &flipped{TB: t, eng: eng, clock: store.NewManualClock(start)}
	t.Cleanup(func() { eng.Close() })
	if err := f.open(); err != nil {
		t.Fatal(err)
	}
	later := start.Add(time.Hour)
	for _, u := range []*users.User{
		{UserID: "a", Username: "Ann", PasswordHash: "h", Role: models.RoleUser},
		{UserID: "b", Username: "Bob", PasswordHash: "h", Role: models.RoleUser, LastSeen: &later, DeletedAt: &later},
	} {
		if err := f.users.Insert(ctx, u); err != nil {
			t.Fatal(err)
		}
	}
	ttl := uint32(60)
	if err := f.click.Insert(ctx, &stream.Row{RowID: "c", InsertedAt: start, TTLSeconds: &ttl}); err != nil {
		t.Fatal(err)
	}
	want := f.read()
	for name, text := range want {
		if text == corruptRead || text == "not found" {
			t.Fatalf("%s: %s before anything is flipped", name, text)
		}
	}
	if f.finds() {
		t.Fatal("findings before anything is flipped")
	}

	var pairs [][2][]byte
	it := eng.Iterate(ctx, engine.Range{})
	for it.Next() {
		pairs = append(pairs, [2][]byte{bytes.Clone(it.Key()), bytes.Clone(it.Value())})
	}
	if err := it.Close(); err != nil {
		t.Fatal(err)
	}
	tallies := map[string]*tally{}
	n := 0
	for _, p := range pairs {
		for part, b := range p {
			sort := sortOf(p[0]) + []string{" keys", " values"}[part]
			each := step
			if sort == "catalog values" {
				each = catalog
			}
			for bit := range len(b) * 8 {
				if n++; n%each != 0 {
					continue
				}
				changed := p
				changed[part] = bytes.Clone(b)
				changed[part][bit/8] ^= 1 << (bit % 8)
				if part == 0 && has(t, eng, changed[0]) {
					continue // it would hide another key: two changes in one
				}
				f.write(p[0], nil)
				f.write(changed[0], changed[1])
				if tallies[sort] == nil {
					tallies[sort] = new(tally)
				}
				f.flip(want, p, changed, sort, bit, tallies[sort])
				f.write(changed[0], nil)
				f.write(p[0], p[1])
				f.clean(pairs)
			}
		}
	}
	if err := f.open(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, f.read()); diff != "" {
		t.Errorf("after all flips were undone (-want +got):\n%s", diff)
	}
	for _, sort := range slices.Sorted(maps.Keys(tallies)) {
		t.Logf("%-16s %+v", sort, *tallies[sort])
	}
}

// flip judges one flip: on the database that is open, and on it opened again.
func (f *flipped) flip(want map[string]string, was, is [2][]byte, sort string, bit int, n *tally) {
	n.Flips++
	where := fmt.Sprintf("bit %d of the %s: %x = %.50x", bit, sort, is[0], is[1])
	refused, wrong := judge(want, f.read())
	found := f.finds()
	again := *f
	if err := again.open(); err != nil {
		// It must be said in one of the documented ways.
		if !errors.Is(err, store.ErrCorrupt) && !errors.Is(err, store.ErrSchema) {
			f.Errorf("%s: opened again: %v", where, err)
		}
		found = true
	} else {
		r, w := judge(want, again.read())
		refused, wrong = append(refused, r...), append(wrong, w...)
		found = again.finds() || found
	}
	switch {
	case len(wrong) > 0 && found:
		n.Wrong++
	case len(wrong) > 0:
		n.Silent++
		// Rows have no checksum: what is in a field that nothing else repeats can
		// be anything. It is the row's own content all the same, and no other row's.
		if sort != "row values" {
			f.Errorf("%s: %v are wrong, and nothing says so", where, wrong)
		}
	case len(refused) > 0:
		n.Refused++
	case !found:
		n.Unfound++
	}
	if sort == "catalog values" && (len(wrong) > 0 || !found) {
		f.Errorf("%s: wrong %v, found %v", where, wrong, found)
	}
	if sort == "row values" && slices.Contains(wrong, otherRow(was[0])) {
		f.Errorf("%s: another row reads wrongly", where)
	}
}

// otherRow is a read that a row has nothing to do with.
func otherRow(key []byte) string {
	if bytes.HasSuffix(key, []byte("a")) {
		return "get b"
	}
	return "get a"
}

// clean removes what opening a damaged database may have written.
func (f *flipped) clean(pairs [][2][]byte) {
	known := map[string][]byte{}
	for _, p := range pairs {
		known[string(p[0])] = p[1]
	}
	it := f.eng.Iterate(ctx, engine.Range{})
	var drop [][]byte
	for it.Next() {
		want, ok := known[string(it.Key())]
		switch {
		case !ok:
			drop = append(drop, bytes.Clone(it.Key()))
		case bytes.Equal(want, it.Value()):
			delete(known, string(it.Key()))
		}
	}
	if err := it.Close(); err != nil {
		f.Fatal(err)
	}
	for _, k := range drop {
		f.write(k, nil)
	}
	for k, v := range known {
		f.write([]byte(k), v)
	}
}

func (f *flipped) write(key, value []byte) {
	b := f.eng.NewBatch()
	if value == nil {
		b.Delete(key)
	} else {
		b.Put(key, value)
	}
	if err := f.eng.Write(ctx, b, engine.WriteOptions{}); err != nil {
		f.Fatal(err)
	}
}

func has(t *testing.T, eng engine.Engine, key []byte) bool {
	t.Helper()
	there, err := eng.Has(ctx, key)
	if err != nil {
		t.Fatal(err)
	}
	return there
}

// sortOf names what a key is for.
func sortOf(key []byte) string {
	r := keys.NewReader(key)
	switch space, part := r.Uvarint(), r.Uvarint(); {
	case space == 0:
		return "catalog"
	case space == 1:
		return "expiry"
	case part == 0:
		return "row"
	}
	return "entry"
}

// A backup of a database with a damaged record takes it along as it is, and so
// the damage can be looked into elsewhere; restoring says nothing else than what
// was backed up.
func TestBackupTakesDamageAlong(t *testing.T) {
	w := newWard(t)
	row := key(usersSpace, 0, []byte("u03")...)
	damaged := append(bytes.Clone(w.get(t, row)), 0x80)
	w.put(t, row, damaged)
	var b bytes.Buffer
	if err := admin.Backup(ctx, w.db, &b); err != nil {
		t.Fatal(err)
	}
	target := memory.New()
	t.Cleanup(func() { target.Close() })
	if err := admin.Restore(ctx, target, io.Reader(&b)); err != nil {
		t.Fatal(err)
	}
	if got, err := target.Get(ctx, row); err != nil || !bytes.Equal(got, damaged) {
		t.Errorf("the restored row is %x, %v", got, err)
	}
}
