package define

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"slices"
	"testing"

	"github.com/storegen/storegen/runtime/internal/records"
	"pgregory.net/rapid"
)

// What is listed is read back, with and without anything in common, and a list that was
// changed is not read.
func TestLists(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOfN(rapid.SliceOfN(rapid.ByteRange(0, 2), 0, 9), 1, 40).Draw(t, "keys")
		slices.SortFunc(keys, bytes.Compare)
		var b pending
		most := crc32.Size
		for _, key := range keys {
			b.add(key, []byte("value"))
			most += listed(key)
		}
		list := listKeys(&b)
		if len(list) > most {
			t.Fatalf("%d bytes, at most %d were expected", len(list), most)
		}
		got, err := readList(list)
		if err != nil || !slices.EqualFunc(got, keys, bytes.Equal) {
			t.Fatalf("%q, %v, want %q", got, err, keys)
		}
		list[rapid.IntRange(0, len(list)-1).Draw(t, "at")] ^= byte(rapid.IntRange(1, 255).Draw(t, "change"))
		if _, err := readList(list); err == nil {
			t.Fatal("a list that was changed is read")
		}
	})
}

// Whatever is read as a list, it is an error or keys, and never a panic.
func FuzzReadList(f *testing.F) {
	var b pending
	b.add([]byte("a key"), nil)
	b.add([]byte("a key more"), nil)
	f.Add(listKeys(&b)[crc32.Size:])
	f.Add([]byte{0, 200})
	f.Add([]byte{3, 1, 0})
	f.Fuzz(func(t *testing.T, rest []byte) {
		list := binary.BigEndian.AppendUint32(nil, crc32.Checksum(rest, records.Castagnoli))
		if _, err := readList(append(list, rest...)); err != nil && err != errList {
			t.Error(err)
		}
	})
}
