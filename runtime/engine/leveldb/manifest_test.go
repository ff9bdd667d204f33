package leveldb

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/syndtr/goleveldb/leveldb/storage"
	"github.com/syndtr/goleveldb/leveldb/table"
)

// edit makes an edit of a manifest of fields: numbers stand as varints, strings with
// their length.
func edit(fields ...any) (b []byte) {
	for _, f := range fields {
		switch f := f.(type) {
		case int:
			b = binary.AppendUvarint(b, uint64(f))
		case string:
			b = append(binary.AppendUvarint(b, uint64(len(f))), f...)
		}
	}
	return b
}

// An edit deletes a table of a level and adds others, whatever comes first in it; all
// that it says is read, and nothing else.
func TestEdits(t *testing.T) {
	add := func(level, num, size int) []any { return []any{fieldAdd, level, num, size, "a", "z"} }
	del := func(level, num int) []any { return []any{fieldDelete, level, num} }
	join := func(parts ...[]any) (all []any) {
		for _, p := range parts {
			all = append(all, p...)
		}
		return all
	}
	for _, c := range []struct {
		name  string
		edits [][]any
		want  map[int64]tableFile
	}{
		{"added", [][]any{join(add(0, 5, 100), add(1, 6, 200))}, map[int64]tableFile{5: {0, 100}, 6: {1, 200}}},
		{"deleted", [][]any{add(0, 5, 100), del(0, 5)}, map[int64]tableFile{}},
		{"moved to another level", [][]any{add(0, 5, 100), join(del(0, 5), add(1, 5, 100))}, map[int64]tableFile{5: {1, 100}}},
		{"moved, and added first", [][]any{add(0, 5, 100), join(add(1, 5, 100), del(0, 5))}, map[int64]tableFile{5: {1, 100}}},
		{"made anew in its place", [][]any{add(0, 5, 100), join(del(0, 5), add(0, 5, 200))}, map[int64]tableFile{5: {0, 200}}},
		{"made anew, and added first", [][]any{add(0, 5, 100), join(add(0, 5, 200), del(0, 5))}, map[int64]tableFile{5: {0, 200}}},
		{"deleted of a level that it is not in", [][]any{add(1, 5, 100), del(0, 5)}, map[int64]tableFile{5: {1, 100}}},
		{"moved twice", [][]any{add(0, 5, 100), join(add(1, 5, 100), del(0, 5)), join(add(2, 5, 100), del(1, 5))}, map[int64]tableFile{5: {2, 100}}},
		{"deleted and never there", [][]any{del(0, 5)}, map[int64]tableFile{}},
		{"beside all else", [][]any{join([]any{fieldComparer, "name", fieldJournal, 9, fieldPrevJournal, 0, fieldNextFile, 10, fieldSeq, 77, fieldCompaction, 1, "k"}, add(0, 5, 100))},
			map[int64]tableFile{5: {0, 100}}},
	} {
		v := &version{tables: map[int64]tableFile{}}
		for _, e := range c.edits {
			if err := v.apply(edit(e...)); err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
		}
		if diff := cmp.Diff(c.want, v.tables, cmp.AllowUnexported(tableFile{})); diff != "" {
			t.Errorf("%s: -want +got\n%s", c.name, diff)
		}
	}

	// Cut between two fields it is an edit, and anywhere else it is none.
	var whole []byte
	ends := map[int]bool{0: true}
	for _, field := range [][]any{{fieldComparer, "name"}, {fieldJournal, 300}, {fieldSeq, 77}, {fieldCompaction, 1, "key"}, add(0, 5, 1000), del(1, 6)} {
		whole = append(whole, edit(field...)...)
		ends[len(whole)] = true
	}
	for n := range len(whole) + 1 {
		v := &version{tables: map[int64]tableFile{}}
		if err := v.apply(whole[:n]); (err == nil) != ends[n] {
			t.Errorf("%d bytes of %d: %v", n, len(whole), err)
		}
	}
	v := &version{tables: map[int64]tableFile{}}
	if err := v.apply(whole); err != nil || v.seq != 77 || v.journal != 300 || !v.comparer {
		t.Errorf("read as %+v, %v", v, err)
	}
	for _, unknown := range []int{0, 8, 10, 200} {
		if err := v.apply(edit(unknown, fieldSeq, 5)); err == nil {
			t.Errorf("field %d is passed over", unknown)
		}
	}
	if err := v.apply(binary.AppendUvarint(edit(fieldJournal), 1<<63)); err == nil {
		t.Error("a number that no file has is taken")
	}
}

// Of the manifests that something names the one counts that goleveldb would take: that of
// CURRENT or, where that leads nowhere, of what it has replaced, unless a newer one was
// about to be named.
func TestEntry(t *testing.T) {
	for _, c := range []struct {
		names     map[string]int // files that name a manifest
		manifests []int
		want      int // -1: none
		damaged   bool
	}{
		{map[string]int{"CURRENT": 5}, []int{5}, 5, false},
		{map[string]int{"CURRENT": 5}, []int{3, 5, 7}, 5, false},
		{map[string]int{"CURRENT": 5, "CURRENT.7": 7}, []int{5, 7}, 7, false},
		{map[string]int{"CURRENT": 5, "CURRENT.7": 7}, []int{5}, 5, false},
		{map[string]int{"CURRENT": 5, "CURRENT.3": 3}, []int{3, 5}, 5, false},
		{map[string]int{"CURRENT": 5, "CURRENT.3": 3, "CURRENT.7": 7, "CURRENT.6": 6}, []int{3, 5, 6, 7}, 7, false},
		{map[string]int{"CURRENT": 5, "CURRENT.bak": 3}, []int{3, 5}, 5, false},
		{map[string]int{"CURRENT": 5, "CURRENT.bak": 3}, []int{3}, 3, false},
		{map[string]int{"CURRENT.bak": 3}, []int{3}, 3, false},
		{map[string]int{"CURRENT.7": 7}, []int{7}, 7, false},
		{map[string]int{"CURRENT": 5}, []int{3}, 0, true},
		{map[string]int{"CURRENT": 5, "CURRENT.bak": 3}, nil, 0, true},
		{map[string]int{"CURRENT.bak": 3}, nil, 0, true},
		{nil, []int{0}, -1, false},
		{nil, nil, -1, false},
	} {
		dir := t.TempDir()
		for name, num := range c.names {
			if err := os.WriteFile(filepath.Join(dir, name), fmt.Appendf(nil, "MANIFEST-%06d\n", num), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		sizes := map[storage.FileDesc]int64{}
		for _, num := range c.manifests {
			sizes[storage.FileDesc{Type: storage.TypeManifest, Num: int64(num)}] = 50
		}
		e, err := files{dir: dir}.entry(sizes)
		var wrong *misfit
		if errors.As(err, &wrong) != c.damaged || err != nil && !c.damaged {
			t.Errorf("%v of %v: %v", c.names, c.manifests, err)
		}
		if err == nil && (e.found != (c.want >= 0) || e.found && e.manifest.Num != int64(c.want)) {
			t.Errorf("%v of %v: %s, found %v, want %d", c.names, c.manifests, e.manifest, e.found, c.want)
		}
	}
}

// The last commit of a table is the highest number in it, wherever that stands.
func TestLastCommitOfATable(t *testing.T) {
	for _, numbers := range [][]uint64{{7}, {7, 9, 8}, {9, 8, 7}, {7, 8, 9}, {1, 1 << 40, 2}, {5, 5, 5}} {
		stor := storage.NewMemStorage()
		fd := storage.FileDesc{Type: storage.TypeTable, Num: 1}
		f, err := stor.Create(fd)
		if err != nil {
			t.Fatal(err)
		}
		w := table.NewWriter(f, nil, nil, 0)
		for i, n := range numbers {
			key := binary.LittleEndian.AppendUint64(fmt.Appendf(nil, "k%02d", i), n<<8|1)
			if err := w.Append(key, []byte("value")); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(w.Close(), f.Close()); err != nil {
			t.Fatal(err)
		}
		in := &inspection{files: files{stor: stor}}
		if in.sizes, err = in.files.sizes(); err != nil {
			t.Fatal(err)
		}
		if last, err := in.lastCommit(fd); err != nil || last != slices.Max(numbers) {
			t.Errorf("commits %d: the last is %d, %v", numbers, last, err)
		}
	}
}
