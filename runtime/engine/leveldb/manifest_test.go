package leveldb

import (
	"encoding/binary"
	"testing"

	"github.com/google/go-cmp/cmp"
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
		if err := v.apply(edit(unknown, 1)); err == nil {
			t.Errorf("field %d is passed over", unknown)
		}
	}
	if err := v.apply(binary.AppendUvarint(edit(fieldJournal), 1<<63)); err == nil {
		t.Error("a number that no file has is taken")
	}
}
