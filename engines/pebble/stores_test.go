package pebble_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/engines/pebble"
	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/system/jobs"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/generated/user"
	"github.com/storegen/storegen/internal/torture/drive"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/leveldb"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/store"
)

var (
	programs = flag.Int("programs", 1, "random programs for each table")
	steps    = flag.Int("steps", 80, "steps of each program")
	seed     = flag.Uint64("seed", 1, "what the programs follow from")
)

// Random programs of generated tables do the same over pebble, over the engine in memory
// and on a plain map: with reopening, and with power cuts between and within commits.
func TestPrograms(t *testing.T) {
	program(t, "users", func(ctx context.Context, db *store.DB) (*users.Store, error) { return users.Open(ctx, db) }, users.KeyOf)
	program(t, "jobs", func(ctx context.Context, db *store.DB) (*jobs.Store, error) { return jobs.Open(ctx, db) }, jobs.KeyOf)
	program(t, "user", func(ctx context.Context, db *store.DB) (*user.Store, error) {
		return user.Open(ctx, db, "app", "notes")
	}, user.KeyOf)
}

func program[K comparable, V any, Q drive.Queries[K, V, Q], S drive.Table[K, V, Q, S]](t *testing.T, name string, open drive.Opener[S], keyOf func(v *V) K) {
	t.Run(name, func(t *testing.T) {
		for i := range uint64(*programs) {
			if err := drive.Run(ctx, *seed+i, *steps, open, keyOf, onDisk(*seed+i)); err != nil {
				t.Errorf("seed %d: %v", *seed+i, err)
			}
		}
	})
}

// onDisk are engines of a program with power cuts, the first on a disk that fails. A cut
// takes all that was not flushed: parts of it are the subject of TestPowerCutAtEachStep.
func onDisk(seed uint64) drive.Engines {
	f := newFaulty()
	open := func() (engine.Engine, error) { return pebble.OpenFS(f, "db", &small) }
	return drive.Engines{
		Open: open, Reopen: func(engine.Engine) (engine.Engine, error) { return open() }, Memory: memory.New(),
		Power: &drive.Power{
			Fail: func(after int) {
				n := 0
				f.setFail(func(op errorfs.Op) bool {
					if op.Kind.ReadOrWrite() == errorfs.OpIsRead {
						return false
					}
					n++
					return n > after
				})
			},
			Cut: func() (engine.Engine, error) {
				left := f.mem.CrashClone(vfs.CrashCloneCfg{})
				f = newFaultyOn(left)
				return open()
			},
		},
	}
}

// A folder of the other engine is called that, and not a damaged database. It stays as it is.
func TestFolderOfTheOtherEngine(t *testing.T) {
	ofLeveldb := func(dir string) (engine.Engine, error) { return leveldb.Open(dir, nil) }
	ofPebble := func(dir string) (engine.Engine, error) { return pebble.Open(dir, nil) }
	tests := []struct {
		name        string
		owner, open func(dir string) (engine.Engine, error)
		rows        int
		says        string
	}{
		{"new, of leveldb", ofLeveldb, ofPebble, 0, "has a database of goleveldb: open it with runtime/engine/leveldb"},
		{"of leveldb", ofLeveldb, ofPebble, 10, "has a database of goleveldb: open it with runtime/engine/leveldb"},
		{"new, of pebble", ofPebble, ofLeveldb, 0, "has a database of pebble: open it with engines/pebble"},
		{"of pebble", ofPebble, ofLeveldb, 10, "has a database of pebble: open it with engines/pebble"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			eng := must(tt.owner(dir))(t)
			for i := range tt.rows {
				if err := write(eng, fmt.Sprint("k", i), 10, true); err != nil {
					t.Fatal(err)
				}
			}
			if err := eng.Close(); err != nil {
				t.Fatal(err)
			}
			_, err := tt.open(dir)
			wantErr(t, "Open by the other", err, engine.ErrInvalid)
			if errors.Is(err, engine.ErrCorrupt) || !strings.Contains(fmt.Sprint(err), tt.says) {
				t.Errorf("Open by the other: %v, want %q", err, tt.says)
			}
			eng = must(tt.owner(dir))(t)
			defer eng.Close()
			for i := range tt.rows {
				wantThere(t, eng, fmt.Sprint("k", i), true)
			}
		})
	}
}

// A backup of one engine, restored into the other and back, has the same rows.
func TestBackupBetweenEngines(t *testing.T) {
	engines := []struct {
		name string
		open func(dir string) (engine.Engine, error)
	}{
		{"leveldb", func(dir string) (engine.Engine, error) { return leveldb.Open(dir, nil) }},
		{"pebble", func(dir string) (engine.Engine, error) { return pebble.Open(dir, nil) }},
	}
	const rows = 500
	for at, from := range engines {
		to := engines[1-at]
		t.Run(from.name+" to "+to.name+" and back", func(t *testing.T) {
			first := must(from.open(t.TempDir()))(t)
			db := must(store.Open(ctx, first, store.WithoutSync()))(t)
			defer db.Close()
			st := must(users.Open(ctx, db))(t)
			for i := range rows {
				err := st.Insert(ctx, &users.User{
					UserID: models.UserID(fmt.Sprintf("u%04d", i)), Username: models.UserName(fmt.Sprintf("name %d", i*7)),
					CreatedAt: time.Unix(int64(i), 0).UTC(),
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			want := pairsOf(t, first)
			if len(want) < 2*rows {
				t.Fatalf("%d pairs", len(want))
			}
			for _, next := range []struct {
				name string
				open func(dir string) (engine.Engine, error)
			}{to, from} {
				var stream bytes.Buffer
				if err := admin.Backup(ctx, db, &stream); err != nil {
					t.Fatal(err)
				}
				eng := must(next.open(t.TempDir()))(t)
				if err := admin.Restore(ctx, eng, &stream); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, pairsOf(t, eng)); diff != "" {
					t.Fatalf("restored into %s (-want +got):\n%s", next.name, diff)
				}
				db = must(store.Open(ctx, eng, store.WithoutSync()))(t)
				defer db.Close()
				must(users.Open(ctx, db))(t)
				v := must(admin.Verify(ctx, db, admin.VerifyOptions{}))(t)
				if v.Rows != rows || v.Findings != 0 {
					t.Errorf("verify in %s: %+v", next.name, v)
				}
			}
		})
	}
}

func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func pairsOf(t *testing.T, r engine.Reader) map[string]string {
	t.Helper()
	pairs := map[string]string{}
	it := r.Iterate(ctx, engine.Range{})
	for it.Next() {
		pairs[string(it.Key())] = string(it.Value())
	}
	if err := it.Close(); err != nil {
		t.Fatal(err)
	}
	return pairs
}
