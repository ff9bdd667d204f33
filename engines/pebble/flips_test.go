package pebble_test

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/storegen/storegen/engines/pebble"
	"github.com/storegen/storegen/runtime/engine"
)

// What is in the files is found wherever a bit of it flips, or reads as it was.
func TestFlips(t *testing.T) {
	mem := vfs.NewCrashableMem()
	db := openIn(t, mem)
	want := map[string]string{}
	rng := rand.New(rand.NewPCG(5, 6))
	for i := range 400 {
		k := fmt.Sprintf("k%04d", rng.IntN(250))
		v := randomText(rng, 400)
		want[k] = v
		b := db.NewBatch()
		b.Put([]byte(k), []byte(v))
		if err := db.Write(ctx, b, engine.WriteOptions{Sync: i%10 == 9}); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	found, total := map[string]int{}, map[string]int{}
	for range *flips {
		disk := mem.CrashClone(vfs.CrashCloneCfg{})
		name, kind := anyFile(t, rng, disk)
		at, bit := flip(t, rng, disk, name)
		hit, err := reads(disk, want)
		if err != nil {
			t.Errorf("%s, byte %d, bit %d: %v", name, at, bit, err)
		}
		total[kind]++
		if hit {
			found[kind]++
		}
	}
	for kind, n := range total {
		t.Logf("%s: %d of %d flips found", kind, found[kind], n)
		if found[kind] == 0 {
			t.Errorf("no flip in a %s was ever found", kind)
		}
	}
}

var flips = flag.Int("flips", 60, "bits that are flipped")

// anyFile picks a file that holds what is stored.
func anyFile(t *testing.T, rng *rand.Rand, disk *vfs.MemFS) (name, kind string) {
	t.Helper()
	byKind := map[string][]string{}
	for _, n := range must(disk.List("db"))(t) {
		info := must(disk.Stat("db/" + n))(t)
		if k := kindOf(n); k != "" && info.Size() > 0 {
			byKind[k] = append(byKind[k], n)
		}
	}
	kind = []string{"table", "table", "journal", "manifest"}[rng.IntN(4)]
	names := byKind[kind]
	if len(names) == 0 {
		t.Fatalf("there is no %s: %v", kind, byKind)
	}
	return "db/" + names[rng.IntN(len(names))], kind
}

func kindOf(name string) string {
	switch {
	case len(name) > 4 && name[len(name)-4:] == ".sst":
		return "table"
	case len(name) > 4 && name[len(name)-4:] == ".log":
		return "journal"
	case len(name) > 8 && name[:8] == "MANIFEST":
		return "manifest"
	}
	return ""
}

// flip flips a bit of a file, half of the time near its end.
func flip(t *testing.T, rng *rand.Rand, disk *vfs.MemFS, name string) (at, bit int) {
	t.Helper()
	data := readFile(t, disk, name)
	at, bit = rng.IntN(len(data)), rng.IntN(8)
	if rng.IntN(2) == 0 {
		at = max(0, len(data)-1-rng.IntN(1200))
	}
	data[at] ^= 1 << bit
	f := must(disk.Create(name, vfs.WriteCategoryUnspecified))(t)
	if _, err := f.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return at, bit
}

func readFile(t *testing.T, disk *vfs.MemFS, name string) []byte {
	t.Helper()
	f := must(disk.Open(name))(t)
	defer f.Close()
	data := make([]byte, must(f.Stat())(t).Size())
	if _, err := f.ReadAt(data, 0); err != nil && len(data) > 0 {
		t.Fatal(err)
	}
	return data
}

// reads reads a database in both directions and by its keys. It reports whether damage
// was found; what is shown and is not what was written is an error.
func reads(disk vfs.FS, want map[string]string) (hit bool, err error) {
	db, err := pebble.OpenFS(disk, "db", &small)
	if err != nil {
		if errors.Is(err, engine.ErrCorrupt) {
			return true, nil
		}
		return false, err
	}
	defer db.Close()
	for _, reverse := range []bool{false, true} {
		n := 0
		it := db.Iterate(ctx, engine.Range{Reverse: reverse})
		for it.Next() {
			n++
			if want[string(it.Key())] != string(it.Value()) {
				return hit, fmt.Errorf("%s is another value (reverse %v)", it.Key(), reverse)
			}
		}
		switch err := it.Close(); {
		case errors.Is(err, engine.ErrCorrupt):
			hit = true
		case err != nil:
			return hit, err
		case n != len(want):
			return hit, fmt.Errorf("%d of %d pairs are shown (reverse %v)", n, len(want), reverse)
		}
	}
	for k, v := range want {
		switch got, err := db.Get(ctx, []byte(k)); {
		case errors.Is(err, engine.ErrCorrupt):
			hit = true
		case err != nil:
			return hit, err
		case string(got) != v:
			return hit, fmt.Errorf("%s is another value", k)
		}
	}
	return hit, nil
}

// A file of a closed database that is gone, or has lost its end, is an error that changes
// nothing, or all is there.
func TestLosses(t *testing.T) {
	mem := vfs.NewCrashableMem()
	db := openIn(t, mem)
	want := map[string]string{}
	rng := rand.New(rand.NewPCG(7, 8))
	for range 300 {
		k, v := fmt.Sprintf("k%04d", rng.IntN(250)), randomText(rng, 400)
		want[k] = v
		b := db.NewBatch()
		b.Put([]byte(k), []byte(v))
		if err := db.Write(ctx, b, engine.WriteOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, name := range must(mem.List("db"))(t) {
		for _, part := range []float64{-1, 0, 0.5, 0.99} { // -1 is no file at all
			disk := mem.CrashClone(vfs.CrashCloneCfg{})
			data := readFile(t, disk, "db/"+name)
			if err := disk.Remove("db/" + name); err != nil {
				t.Fatal(err)
			}
			if part >= 0 {
				f := must(disk.Create("db/"+name, vfs.WriteCategoryUnspecified))(t)
				if _, err := f.Write(data[:int(part*float64(len(data)))]); err != nil {
					t.Fatal(err)
				}
				f.Close()
			}
			hit, err := reads(disk, want)
			if err != nil {
				t.Errorf("%s, of which %v is left: %v", name, part, err)
			}
			if hit {
				found[kindOf(name)] = true
			}
		}
	}
	for _, kind := range []string{"table", "journal", "manifest", ""} { // the last are the markers
		if !found[kind] {
			t.Errorf("no loss of a %q was found", kind)
		}
	}
}
