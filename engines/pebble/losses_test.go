package pebble_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/storegen/storegen/engines/pebble"
	"github.com/storegen/storegen/runtime/engine"
)

// numbered is a database of commits that are told apart: each changes and deletes
// some rows, or deletes a range of them, and says which it is.
type numbered struct {
	states []map[string]string // after each commit
	ranges map[int][2]string   // what a commit deletes as a range
}

func makeNumbered(n int) *numbered {
	rng := rand.New(rand.NewPCG(8, 9))
	h := &numbered{states: []map[string]string{{}}, ranges: map[int][2]string{}}
	for i := 1; i <= n; i++ {
		s := maps.Clone(h.states[i-1])
		s["number"] = fmt.Sprint(i)
		if i%7 == 3 {
			at := rng.IntN(50)
			r := [2]string{fmt.Sprintf("row%02d", at), fmt.Sprintf("row%02d", at+5+rng.IntN(5))}
			maps.DeleteFunc(s, func(k, _ string) bool { return r[0] <= k && k < r[1] })
			h.ranges[i] = r
			h.states = append(h.states, s)
			continue
		}
		for range 3 {
			s[fmt.Sprintf("row%02d", rng.IntN(60))] = randomText(rng, 300+rng.IntN(600))
			delete(s, fmt.Sprintf("row%02d", rng.IntN(60)))
		}
		h.states = append(h.states, s)
	}
	return h
}

func randomText(rng *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('a' + rng.IntN(26))
	}
	return string(b)
}

// synced reports whether a commit is flushed.
func synced(i int) bool { return i%5 == 0 }

// commit makes the commit with a number.
func (h *numbered) commit(db *pebble.DB, i int) error { return h.commitWith(db, i, synced(i)) }

func (h *numbered) commitWith(db *pebble.DB, i int, sync bool) error {
	if r, ok := h.ranges[i]; ok {
		tx, err := db.Begin(ctx, engine.TxOptions{Sync: sync})
		if err != nil {
			return err
		}
		err = errors.Join(tx.Put([]byte("number"), []byte(h.states[i]["number"])), db.DeleteRange(tx, []byte(r[0]), []byte(r[1])))
		if err != nil {
			return errors.Join(err, tx.Rollback())
		}
		_, err = tx.Commit(ctx)
		return err
	}
	b := db.NewBatch()
	for k, v := range h.states[i] {
		if h.states[i-1][k] != v {
			b.Put([]byte(k), []byte(v))
		}
	}
	for k := range h.states[i-1] {
		if _, ok := h.states[i][k]; !ok {
			b.Delete([]byte(k))
		}
	}
	return db.Write(ctx, b, engine.WriteOptions{Sync: sync})
}

// read returns how many commits a database holds: an error if it is not what there
// was after one.
func (h *numbered) read(files vfs.FS, dir string, o pebble.Options) (n int, err error) {
	db, err := pebble.OpenFS(files, dir, &o)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	rows, err := rowsOf(db)
	if err != nil {
		return 0, err
	}
	if number, ok := rows["number"]; ok {
		fmt.Sscan(number, &n)
	}
	if !maps.Equal(rows, h.states[n]) {
		return n, fmt.Errorf("%d rows are not those after %d commits", len(rows), n)
	}
	return n, nil
}

func rowsOf(db *pebble.DB) (map[string]string, error) {
	rows := map[string]string{}
	it := db.Iterate(ctx, engine.Range{})
	for it.Next() {
		rows[string(it.Key())] = string(it.Value())
	}
	return rows, it.Close()
}

// record writes a database, in several openings, and calls at before each change of a
// file: with what was changed, the files as they are, and how many commits were answered
// and how many of those were synced, or some before them were.
func record(t *testing.T, h *numbered, at func(step string, files *vfs.MemFS, acked, durable int)) {
	t.Helper()
	f := newFaulty()
	var acked, durable atomic.Int64
	f.setFail(func(op errorfs.Op) bool {
		if op.Kind.ReadOrWrite() == errorfs.OpIsWrite {
			at(stepName(op), f.mem, int(acked.Load()), int(durable.Load()))
		}
		return false
	})
	next := 1
	for session := range 6 {
		db, err := pebble.OpenFS(f, "db", &small)
		if err != nil {
			t.Fatal(err)
		}
		for range (len(h.states) - 1) / 6 {
			if err := h.commit(db, next); err != nil {
				t.Fatal(err)
			}
			acked.Store(int64(next))
			if synced(next) {
				durable.Store(int64(next))
			}
			next++
		}
		if session%2 == 1 {
			if err := db.Compact(ctx, nil, nil); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		durable.Store(acked.Load())
	}
}

func stepName(op errorfs.Op) string {
	switch op.Kind {
	case errorfs.OpCreate, errorfs.OpReuseForWrite:
		return "create"
	case errorfs.OpFileWrite:
		return "write"
	case errorfs.OpRemove:
		return "remove"
	case errorfs.OpFileSync, errorfs.OpFileSyncData:
		return "flush"
	default:
		return "other"
	}
}

// A process may be killed at any step: what is left opens, with all that was answered,
// synced or not, for reading and for writing.
func TestKilledAtEachStep(t *testing.T) {
	h := makeNumbered(120)
	seen := map[string]int{}
	asked := 0
	i := 0
	record(t, h, func(step string, files *vfs.MemFS, acked, _ int) {
		if i++; i%3 != 0 && step != "remove" && step != "create" {
			return
		}
		seen[step]++
		left := files.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 100, RNG: rand.New(rand.NewPCG(1, 2))})
		o := small
		o.ReadOnly = acked > 0 && i%2 == 0
		n, err := h.read(left, "db", o)
		if o.ReadOnly && errors.Is(err, engine.ErrUnavailable) {
			asked++
			n, err = h.read(left, "db", small)
		}
		if err != nil || n < acked || n > acked+1 {
			t.Errorf("killed at step %d, a %s, with %d commits: found %d, %v", i, step, acked, n, err)
		}
	})
	t.Logf("killed at: %v; %d were first to be opened for writing", seen, asked)
	for _, what := range []string{"create", "write", "remove", "flush"} {
		if seen[what] == 0 {
			t.Errorf("never killed at a %s", what)
		}
	}
}

// A power cut at any step leaves all that was synced and what came before it, and no
// half of a commit: of what was not flushed, any part may be there.
func TestPowerCutAtEachStep(t *testing.T) {
	h := makeNumbered(120)
	rng := rand.New(rand.NewPCG(3, 4))
	lost, refused, cuts := 0, 0, 0
	i := 0
	record(t, h, func(step string, files *vfs.MemFS, acked, durable int) {
		if i++; i%3 != 0 && step != "remove" && step != "create" {
			return
		}
		for _, percent := range []int{0, 50, 90} {
			cuts++
			left := files.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: percent, RNG: rng})
			n, err := h.read(left, "db", small)
			if percent > 0 && errors.Is(err, engine.ErrCorrupt) {
				refused++
				continue
			}
			if err != nil || n < durable || n > acked+1 {
				t.Errorf("cut at step %d, a %s, with %d commits, %d of them synced, %d %% of the rest: found %d, %v", i, step, acked, durable, percent, n, err)
			}
			if n < acked {
				lost++
			}
		}
	})
	t.Logf("of %d cuts, %d lost commits that were not synced, %d were refused for a hole in the journal", cuts, lost, refused)
	if lost == 0 {
		t.Error("no cut has lost anything")
	}
}
