package leveldb

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/syndtr/goleveldb/leveldb/journal"
	"github.com/syndtr/goleveldb/leveldb/storage"
)

var (
	background = context.Background()
	smallFiles = &Options{WriteBuffer: 64 << 10, BlockSize: 1 << 10}
)

// image is the files of a database.
type image struct {
	files map[storage.FileDesc][]byte
	meta  storage.FileDesc
}

// imageOf copies what is in a storage.
func imageOf(t testing.TB, stor storage.Storage) *image {
	t.Helper()
	im := &image{files: map[storage.FileDesc][]byte{}}
	fds, err := stor.List(storage.TypeAll)
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range fds {
		r, err := stor.Open(fd)
		if err != nil {
			t.Fatal(err)
		}
		if im.files[fd], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
		r.Close()
	}
	if im.meta, err = stor.GetMeta(); err != nil {
		t.Fatal(err)
	}
	return im
}

// storage returns a storage in memory that holds the image.
func (im *image) storage(t testing.TB) storage.Storage {
	t.Helper()
	stor := storage.NewMemStorage()
	for fd, data := range im.files {
		w, err := stor.Create(fd)
		if err == nil {
			_, err = w.Write(data)
		}
		if err == nil {
			err = w.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := stor.SetMeta(im.meta); err != nil {
		t.Fatal(err)
	}
	return stor
}

// of returns the files of a type, by number.
func (im *image) of(ft storage.FileType) []storage.FileDesc {
	fds := slices.Collect(maps.Keys(im.files))
	fds = slices.DeleteFunc(fds, func(fd storage.FileDesc) bool { return fd.Type != ft })
	slices.SortFunc(fds, func(a, b storage.FileDesc) int { return int(a.Num - b.Num) })
	return fds
}

// rowsOf is what a database holds: the keys asked for, "" where there is none.
type rowsOf map[string]string

// sorted returns the pairs that are there, in key order.
func (rows rowsOf) sorted() []string {
	var pairs []string
	for k, v := range rows {
		if v != "" {
			pairs = append(pairs, k+"="+v)
		}
	}
	slices.Sort(pairs)
	return pairs
}

// fillDB writes to a database: rows that stay, change and go, in tables of
// several levels and in the journal. No value has a zero in it.
func fillDB(t testing.TB, db *DB) rowsOf {
	t.Helper()
	rows := rowsOf{}
	rng := rand.New(rand.NewPCG(3, 4))
	b := db.NewBatch()
	for i := range 2000 {
		key := fmt.Sprintf("table%d/%04d", i%3, rng.IntN(600))
		val := randomText(rng, 1+rng.IntN(400))
		if rng.IntN(5) == 0 {
			b.Delete([]byte(key))
			val = ""
		} else {
			b.Put([]byte(key), []byte(val))
		}
		rows[key] = val
		if i%4 == 0 {
			if err := db.Write(background, b, engine.WriteOptions{Sync: i%3 == 0}); err != nil {
				t.Fatal(err)
			}
			b.Reset()
		}
		if i == 1000 {
			if err := db.Compact(background, nil, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := db.Write(background, b, engine.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	return rows
}

func randomText(rng *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = 'a' + byte(rng.IntN(26))
	}
	return string(b)
}

// makeImage returns a closed database, and what it holds.
func makeImage(t testing.TB) (*image, rowsOf) {
	t.Helper()
	stor := storage.NewMemStorage()
	db, err := OpenStorage(stor, smallFiles)
	if err != nil {
		t.Fatal(err)
	}
	rows := fillDB(t, db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	im := imageOf(t, stor)
	if n := len(im.of(storage.TypeTable)); n < 2 {
		t.Fatalf("%d tables", n)
	}
	if len(im.of(storage.TypeJournal)) == 0 {
		t.Fatal("no journal")
	}
	return im, rows
}

// checkRows reads a database in every way. Each read gives what it should, or
// ErrCorrupt; clean is whether none did.
func checkRows(db *DB, rows rowsOf) (clean bool, err error) {
	clean = true
	bad := func(rerr error) bool {
		if rerr == nil {
			return false
		}
		clean = false
		if !errors.Is(rerr, engine.ErrCorrupt) {
			err = errors.Join(err, fmt.Errorf("an error that is not ErrCorrupt: %w", rerr))
		}
		return true
	}
	for _, reverse := range []bool{false, true} {
		want := rows.sorted()
		if reverse {
			slices.Reverse(want)
		}
		var got []string
		it := db.Iterate(background, engine.Range{Reverse: reverse})
		for it.Next() {
			got = append(got, string(it.Key())+"="+string(it.Value()))
		}
		if bad(it.Close()) {
			want = want[:min(len(want), len(got))]
		}
		if !slices.Equal(got, want) {
			err = errors.Join(err, fmt.Errorf("reverse=%v: %d rows are not as they were", reverse, len(got)))
		}
	}
	names := slices.Sorted(maps.Keys(rows))
	for reads := range slices.Chunk(names, 64) {
		keys, vals := make([][]byte, len(reads)), make([][]byte, len(reads))
		for i, key := range reads {
			keys[i] = []byte(key)
		}
		if bad(db.GetMany(background, keys, vals)) {
			continue
		}
		for i, key := range reads {
			if got := string(vals[i]); got != rows[key] {
				err = errors.Join(err, fmt.Errorf("of many, %s is %q, want %q", key, got, rows[key]))
			}
		}
	}
	for key, want := range rows {
		got, gerr := db.Get(background, []byte(key))
		if errors.Is(gerr, engine.ErrNotFound) {
			gerr = nil
		}
		if !bad(gerr) && string(got) != want {
			err = errors.Join(err, fmt.Errorf("%s is %q, want %q", key, got, want))
		}
	}
	return clean, err
}

// openRows opens a database and reads it. It is found where the database does
// not open, or some read says so.
func openRows(open func() (*DB, error), rows rowsOf) (found bool, err error) {
	db, err := open()
	if err != nil {
		if !errors.Is(err, engine.ErrCorrupt) {
			return true, fmt.Errorf("open: an error that is not ErrCorrupt: %w", err)
		}
		return true, nil
	}
	clean, err := checkRows(db, rows)
	// What compactions have found may come up again.
	_ = db.Close()
	return !clean, err
}

// TestFlips flips one bit at a time: every read afterwards gives what was
// written, or ErrCorrupt.
func TestFlips(t *testing.T) {
	im, rows := makeImage(t)
	rng := rand.New(rand.NewPCG(5, 6))
	found := map[string]int{}
	total := map[string]int{}
	for range *flips {
		var ft storage.FileType
		var what string
		switch rng.IntN(4) {
		case 0, 1:
			ft, what = storage.TypeTable, "table"
		case 2:
			ft, what = storage.TypeJournal, "journal"
		case 3:
			ft, what = storage.TypeManifest, "manifest"
		}
		fds := im.of(ft)
		fd := fds[rng.IntN(len(fds))]
		data := im.files[fd]
		if len(data) == 0 {
			continue
		}
		at := rng.IntN(len(data))
		if what == "table" && rng.IntN(2) == 0 {
			// Filter, indexes and footer are at the end.
			at = max(0, len(data)-1-rng.IntN(1200))
			what = "table's end"
		}
		bit := byte(1) << rng.IntN(8)
		data[at] ^= bit
		hit, err := openRows(func() (*DB, error) { return OpenStorage(im.storage(t), smallFiles) }, rows)
		data[at] ^= bit
		if err != nil {
			t.Fatalf("%s of %d bytes, byte %d, bit %#x: %v", fd, len(data), at, bit, err)
		}
		total[what]++
		if hit {
			found[what]++
		}
	}
	for what, n := range total {
		t.Logf("%s: %d of %d flips found", what, found[what], n)
		if found[what] == 0 {
			t.Errorf("no flip in a %s was ever found", what)
		}
	}
	for _, what := range []string{"journal", "manifest"} {
		if found[what] != total[what] {
			t.Errorf("%d flips in a %s passed", total[what]-found[what], what)
		}
	}
}

// No bit of a footer may be another.
func TestFooterFlips(t *testing.T) {
	im, _ := makeImage(t)
	fd := im.of(storage.TypeTable)[0]
	data := im.files[fd]
	for at := len(data) - footerSize; at < len(data)-8; at++ {
		for bit := range 8 {
			data[at] ^= 1 << bit
			err := checkFooter(fd, bytesReader{bytes.NewReader(data)})
			data[at] ^= 1 << bit
			if err == nil {
				t.Errorf("byte %d, bit %d: %v", at-(len(data)-footerSize), bit, err)
			}
		}
	}
	if err := checkFooter(fd, bytesReader{bytes.NewReader(data[:20])}); err == nil {
		t.Error("a table of 20 bytes passed")
	}
}

type bytesReader struct{ *bytes.Reader }

func (bytesReader) Close() error { return nil }

// What names the current manifest has no checksum: each flip in it leaves a
// database that opens as it was or not at all, and is never begun anew.
func TestCurrentFlips(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(dir, smallFiles)
	if err != nil {
		t.Fatal(err)
	}
	rows := fillDB(t, db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "CURRENT")
	for _, readOnly := range []bool{true, false} {
		o := *smallFiles
		o.ReadOnly = readOnly
		for i := 0; ; i++ {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if i >= 8*len(data) {
				break
			}
			if !readOnly && i%11 != 0 {
				continue // each of these makes new files
			}
			flipped := bytes.Clone(data)
			flipped[i/8] ^= 1 << (i % 8)
			if err := os.WriteFile(name, flipped, 0o644); err != nil {
				t.Fatal(err)
			}
			if _, err := openRows(func() (*DB, error) { return Open(dir, &o) }, rows); err != nil {
				t.Fatalf("CURRENT is %q: %v", flipped, err)
			}
			if now, err := os.ReadFile(name); err != nil || bytes.Equal(now, flipped) {
				if err := os.WriteFile(name, data, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	os.Remove(name + ".bak")
	if found, err := openRows(func() (*DB, error) { return Open(dir, nil) }, rows); !found || err != nil {
		t.Errorf("without CURRENT: found %v, %v", found, err)
	}
}

// A damaged journal does not open, unless told to go back to before the damage.
func TestDamagedJournal(t *testing.T) {
	put := func(key string) []byte { // a commit of one put, without its sequence number
		b := append([]byte{1, 0, 0, 0, 1, byte(len(key))}, key...)
		return append(append(b, 1), 'v')
	}
	// journals is a database of journals alone, from one that holds nothing yet.
	type file struct {
		seq  uint64
		keys []string
		edit func(data []byte, ends []int) []byte
	}
	cutLast := func(data []byte, ends []int) []byte { return data[:len(data)-3] }
	spoilSecond := func(data []byte, ends []int) []byte { data[ends[0]+20]++; return data }
	for _, c := range []struct {
		name  string
		files []file
		want  string   // part of the error, "" for none
		keys  []string // that are there, or with the option
	}{
		{"Whole", []file{{1, []string{"a", "b"}, nil}, {3, []string{"c"}, nil}}, "", []string{"a", "b", "c"}},
		{"TornEnd", []file{{1, []string{"a", "b"}, nil}, {3, []string{"c", "d"}, cutLast}}, "", []string{"a", "b", "c"}},
		{"Damage", []file{{1, []string{"a", "b", "c"}, spoilSecond}}, "is damaged at byte 24", []string{"a"}},
		{"DamageBeforeAnother", []file{{1, []string{"a", "b", "c"}, spoilSecond}, {4, []string{"d"}, nil}}, "is damaged at byte 24", []string{"a"}},
		{"TornBeforeAnother", []file{{1, []string{"a", "b"}, cutLast}, {3, []string{"c"}, nil}}, "middle of a commit", []string{"a"}},
		{"TornBeforeAnEmptyOne", []file{{1, []string{"a", "b"}, cutLast}, {3, nil, nil}}, "", []string{"a"}},
		{"CommitsMissing", []file{{1, []string{"a"}, nil}, {3, []string{"c"}, nil}}, "expected number 2, found 3", []string{"a"}},
		{"CommitsAgain", []file{{1, []string{"a", "b"}, nil}, {1, []string{"c"}, nil}}, "those up to 3 are in other files", []string{"a", "b"}},
		{"CommitsMissingAtFirst", []file{{5, []string{"e"}, nil}}, "expected number 1, found 5", nil},
		{"DamageInTheSecond", []file{{1, []string{"a"}, nil}, {2, []string{"b", "c", "d"}, spoilSecond}}, "is damaged at byte 24", []string{"a", "b"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			stor := storage.NewMemStorage()
			db, err := OpenStorage(stor, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			im := imageOf(t, stor)
			num := im.of(storage.TypeJournal)[0].Num
			for i, f := range c.files {
				var buf bytes.Buffer
				w := journal.NewWriter(&buf)
				var ends []int
				for k, key := range f.keys {
					rec, err := w.Next()
					if err == nil {
						seq := append(make([]byte, 0, 8), byte(f.seq)+byte(k), 0, 0, 0, 0, 0, 0, 0)
						_, err = rec.Write(append(seq, put(key)...))
					}
					if err == nil {
						err = w.Flush()
					}
					if err != nil {
						t.Fatal(err)
					}
					ends = append(ends, buf.Len())
				}
				data := buf.Bytes()
				if f.edit != nil {
					data = f.edit(data, ends)
				}
				im.files[storage.FileDesc{Type: storage.TypeJournal, Num: num + int64(i)}] = data
			}

			for _, o := range []Options{
				{}, {ReadOnly: true},
				{TruncateDamagedJournal: true, ReadOnly: true}, {TruncateDamagedJournal: true},
			} {
				stor := im.storage(t)
				db, err := OpenStorage(stor, &o)
				if c.want != "" && !o.TruncateDamagedJournal {
					if !errors.Is(err, engine.ErrCorrupt) || !strings.Contains(fmt.Sprint(err), c.want) ||
						!strings.Contains(fmt.Sprint(err), "TruncateDamagedJournal") {
						t.Errorf("Open: %v, want ErrCorrupt with %q and a fix", err, c.want)
					}
					if after := imageOf(t, stor); !maps.EqualFunc(im.files, after.files, bytes.Equal) {
						t.Error("a database that was not opened has changed")
					}
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				for range 2 {
					var got []string
					it := db.Iterate(background, engine.Range{})
					for it.Next() {
						got = append(got, string(it.Key()))
					}
					if err := it.Close(); err != nil || !slices.Equal(got, c.keys) {
						t.Errorf("%+v: the keys are %q, %v, want %q", o, got, err, c.keys)
					}
					// It stays so.
					if err := db.Close(); err != nil {
						t.Fatal(err)
					}
					again := Options{TruncateDamagedJournal: o.TruncateDamagedJournal && o.ReadOnly}
					if db, err = OpenStorage(stor, &again); err != nil {
						t.Fatal(err)
					}
				}
				if err := db.Close(); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}
