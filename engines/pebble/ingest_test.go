package pebble_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/storegen/storegen/engines/pebble"
	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/internal/torture/loads"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/leveldb"
	"github.com/storegen/storegen/runtime/store"
)

// counted is pairs of numbers, with values of a size.
type counted struct {
	at, from, to, size int
	err                error // at the end
}

func (c *counted) Next() bool {
	if c.at == 0 {
		c.at = c.from
	} else {
		c.at++
	}
	return c.at <= c.to
}
func (c *counted) Key() []byte { return fmt.Appendf(nil, "p%06d", c.at) }
func (c *counted) Value() []byte {
	return []byte(randomText(rand.New(rand.NewPCG(uint64(c.at), 1)), c.size))
}
func (c *counted) Err() error   { return c.err }
func (c *counted) Close() error { return c.err }

// rows are the pairs, and others.
func (c *counted) rows(others ...string) map[string]string {
	m := map[string]string{}
	for p := (counted{from: c.from, to: c.to, size: c.size}); p.Next(); {
		m[string(p.Key())] = string(p.Value())
	}
	for _, k := range others {
		m[k] = "v"
	}
	return m
}

// Pairs that are ingested are there with the commits before and after, also when the
// process is killed then, and what was synced behind them when the power is cut.
func TestIngest(t *testing.T) {
	for _, size := range []int{10, 1000, 300_000} { // the last takes several tables
		pairs := &counted{from: 1, to: 200, size: size}
		mem := vfs.NewCrashableMem()
		db := openIn(t, mem)
		for _, key := range []string{"a", "z"} {
			if err := write(db, key, 1, false); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.Ingest(ctx, pairs); err != nil {
			t.Fatal(err)
		}
		if err := write(db, "b", 1, true); err != nil {
			t.Fatal(err)
		}
		cut := mem.CrashClone(vfs.CrashCloneCfg{})
		for _, key := range []string{"c", "d"} {
			if err := write(db, key, 1, false); err != nil {
				t.Fatal(err)
			}
		}
		killed := mem.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 100, RNG: rand.New(rand.NewPCG(1, 2))})
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		all := pairs.rows("a", "z", "b", "c", "d")
		for what, c := range map[string]struct {
			files vfs.FS
			want  map[string]string
		}{"closed": {mem, all}, "killed": {killed, all}, "cut": {cut, pairs.rows("a", "z", "b")}} {
			db, err := pebble.OpenFS(c.files, "db", nil)
			if err != nil {
				t.Fatalf("size %d, %s: %v", size, what, err)
			}
			got, err := rowsOf(db)
			if err != nil || !maps.Equal(got, c.want) {
				t.Errorf("size %d, %s: %d rows, %v, want %d", size, what, len(got), err, len(c.want))
			}
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// What cannot be ingested leaves nothing behind, and the database as it was.
func TestIngestFails(t *testing.T) {
	broken := errors.New("broken")
	f := newFaulty()
	db := openIn(t, f)
	for name, c := range map[string]struct {
		pairs *counted
		fail  func(op errorfs.Op) bool
		want  error
	}{
		"an error of the pairs":      {&counted{from: 1, to: 50, size: 10, err: broken}, nil, broken},
		"a table cannot be written":  {&counted{from: 1, to: 50, size: 10}, on("LOAD-", errorfs.OpFileWrite), errDisk},
		"a table cannot be flushed":  {&counted{from: 1, to: 50, size: 10}, on("LOAD-", flushes...), errDisk},
		"a table cannot be created":  {&counted{from: 1, to: 50, size: 10}, on("LOAD-", errorfs.OpCreate), errDisk},
		"an iterator without a pair": {&counted{from: 1, to: 0}, nil, nil},
	} {
		f.setFail(c.fail)
		err := db.Ingest(ctx, c.pairs)
		f.setFail(nil)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if rows, err := rowsOf(db); len(rows) != 0 || err != nil {
			t.Errorf("%s: %d rows are there, %v", name, len(rows), err)
		}
		for _, file := range must(f.List("db"))(t) {
			if len(file) > 5 && file[:5] == "LOAD-" {
				t.Errorf("%s: %s is left", name, file)
			}
		}
	}
	if err := db.Ingest(ctx, &counted{from: 1, to: 50, size: 10}); err != nil {
		t.Error(err)
	}
	wantErr(t, "Ingest of a closed database", errors.Join(db.Close(), db.Ingest(ctx, &counted{from: 1, to: 1})), engine.ErrClosed)
}

// A table is loaded by tables of pebble's, and is what Insert would have made of it.
func TestLoad(t *testing.T) {
	eng := openIn(t, vfs.NewMem())
	db := must(store.Open(ctx, eng))(t)
	defer db.Close()
	const rows = 3000
	n, err := users.Load(ctx, db, func(yield func(*users.User, error) bool) {
		for _, i := range rand.New(rand.NewPCG(3, 4)).Perm(rows) {
			u := &users.User{UserID: models.UserID(fmt.Sprintf("u%05d", i)), Username: models.UserName(fmt.Sprintf("name%d", i*7))}
			if !yield(u, nil) {
				return
			}
		}
	})
	if n != rows || err != nil {
		t.Fatalf("loaded %d, %v", n, err)
	}
	must(users.Open(ctx, db))(t)
	v := must(admin.Verify(ctx, db, admin.VerifyOptions{}))(t)
	if v.Rows != rows || v.Findings != 0 {
		t.Errorf("verify: %+v", v)
	}
}

// A load on a disk of which one operation fails, whichever it is, leaves the table as before
// or with all rows, as its error says; so does a power cut there.
func TestLoadFailsAtEachStep(t *testing.T) {
	writes := func(op errorfs.Op) bool {
		switch op.Kind {
		case errorfs.OpCreate, errorfs.OpFileWrite, errorfs.OpFileWriteAt, errorfs.OpFileSync, errorfs.OpFileSyncData, errorfs.OpFileSyncTo, errorfs.OpLink, errorfs.OpRename:
			return true
		}
		return false
	}
	for _, before := range []int{0, 100} {
		c := loads.Case{Before: before, Added: 300, Memory: 1 << 20}
		failed := 0
		for step, hit := 0, true; hit; step++ {
			f := newFaulty()
			db := openIn(t, f)
			if err := c.Prepare(ctx, db); err != nil {
				t.Fatal(err)
			}
			n := 0
			var cut *vfs.MemFS
			f.setFail(func(op errorfs.Op) bool {
				if !writes(op) {
					return false
				}
				n++
				if n == step+1 {
					cut = f.mem.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 50, RNG: rand.New(rand.NewPCG(uint64(step), 1))})
				}
				return n == step+1
			})
			err := c.Load(ctx, db)
			f.setFail(nil)
			if hit = n > step; hit && err != nil {
				failed++
			}
			_ = db.Close() // which may fail as well
			files := map[string]vfs.FS{"failed": f.mem}
			said := map[string]loads.Outcome{"failed": loads.OutcomeOf(err)}
			if hit {
				files["cut"] = cut
			}
			for what, on := range files {
				db, opened := pebble.OpenFS(on, "db", nil)
				if opened != nil {
					t.Fatalf("%d rows before, step %d, %s: %v after %v", before, step, what, opened, err)
				}
				if wrong := errors.Join(c.Check(ctx, db, said[what]), db.Close()); wrong != nil {
					t.Fatalf("%d rows before, step %d, %s after %v: %v", before, step, what, err, wrong)
				}
			}
		}
		if failed < 5 {
			t.Errorf("%d loads failed", failed)
		}
	}
}

// A backup is ingested, all of it or nothing.
func TestRestoreIngests(t *testing.T) {
	from := must(store.Open(ctx, openIn(t, vfs.NewMem())))(t)
	defer from.Close()
	if err := fillUsers(from, 3000); err != nil {
		t.Fatal(err)
	}
	var backup bytes.Buffer
	if err := admin.Backup(ctx, from, &backup); err != nil {
		t.Fatal(err)
	}
	files := vfs.NewMem()
	eng := openIn(t, files)
	altered := bytes.Clone(backup.Bytes())
	altered[len(altered)-1]++
	for what, b := range map[string][]byte{"cut": backup.Bytes()[:backup.Len()/2], "altered": altered} {
		if err := admin.Restore(ctx, eng, bytes.NewReader(b)); !errors.Is(err, store.ErrBackup) {
			t.Errorf("%s: %v", what, err)
		}
		if rows, err := rowsOf(eng); len(rows) > 0 || err != nil {
			t.Errorf("%s: %d pairs are left, %v", what, len(rows), err)
		}
	}
	if err := admin.Restore(ctx, eng, &backup); err != nil {
		t.Fatal(err)
	}
	for _, file := range must(files.List("db"))(t) {
		if strings.HasPrefix(file, "LOAD-") {
			t.Errorf("%s is left", file)
		}
	}
	to := must(store.Open(ctx, eng))(t)
	defer to.Close()
	must(users.Open(ctx, to))(t)
	if v := must(admin.Verify(ctx, to, admin.VerifyOptions{}))(t); v.Rows != 3000 || v.Findings != 0 {
		t.Errorf("verify: %+v", v)
	}
}

// BenchmarkLoad fills a table of a hundred thousand rows with an index.
func BenchmarkLoad(b *testing.B) {
	for name, open := range map[string]func(dir string) (engine.Engine, error){
		"leveldb": func(dir string) (engine.Engine, error) { return leveldb.Open(dir, nil) },
		"pebble":  func(dir string) (engine.Engine, error) { return pebble.Open(dir, nil) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				eng, err := open(b.TempDir())
				if err != nil {
					b.Fatal(err)
				}
				db, err := store.Open(ctx, eng)
				if err != nil {
					b.Fatal(err)
				}
				_, err = users.Load(ctx, db, func(yield func(*users.User, error) bool) {
					for i := range 100_000 {
						j := i * 7919 % 100_000
						u := &users.User{UserID: models.UserID(fmt.Sprintf("u%06d", j)), Username: models.UserName(fmt.Sprintf("name%d", j*7))}
						if !yield(u, nil) {
							return
						}
					}
				})
				if err := errors.Join(err, db.Close()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
