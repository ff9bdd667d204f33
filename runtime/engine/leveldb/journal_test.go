package leveldb

import (
	"bytes"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/storegen/storegen/internal/torture/inputs"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/syndtr/goleveldb/leveldb/journal"
	"github.com/syndtr/goleveldb/leveldb/storage"
	"pgregory.net/rapid"
)

// flips is how many bits are flipped by the tests that flip bits.
var (
	flips     = flag.Int("flips", 100, "how many bits to flip")
	everyByte = flag.Bool("everybyte", false, "cut and clear journals and manifests at every byte, and not at a few of them; make test-long does")
)

var journalFd = storage.FileDesc{Type: storage.TypeJournal, Num: 7}

// commitRecord is the payload of a commit of one operation. No byte behind its
// header is zero.
func commitRecord(seq uint64, size int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, seq)
	b = binary.LittleEndian.AppendUint32(b, 1)
	for i := range size {
		b = append(b, byte(1+(i+int(seq))%255))
	}
	return b
}

// makeJournal returns a journal of commits, and where each ends.
func makeJournal(t testing.TB, sizes ...int) (data []byte, ends []int) {
	t.Helper()
	var commits [][]byte
	for i, size := range sizes {
		commits = append(commits, commitRecord(uint64(100+i), size))
	}
	return journalOf(t, commits...)
}

// journalOf returns a journal of records, and where each ends.
func journalOf(t testing.TB, commits ...[]byte) (data []byte, ends []int) {
	t.Helper()
	var buf bytes.Buffer
	w := journal.NewWriter(&buf)
	for _, commit := range commits {
		rec, err := w.Next()
		if err == nil {
			_, err = rec.Write(commit)
		}
		if err == nil {
			err = w.Flush()
		}
		if err != nil {
			t.Fatal(err)
		}
		ends = append(ends, buf.Len())
	}
	return buf.Bytes(), ends
}

// records is how many whole records lie before an offset.
func records(ends []int, offset int64) int {
	n := 0
	for n < len(ends) && int64(ends[n]) <= offset {
		n++
	}
	return n
}

func mustScan(t rapid.TB, data []byte) extent {
	t.Helper()
	ext, err := scan(journalFd, bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if ext.size != int64(len(data)) || ext.end > ext.size {
		t.Fatalf("the extent of %d bytes is %+v", len(data), ext)
	}
	return ext
}

// replay reads a journal as goleveldb does.
func replay(data []byte) (recs [][]byte, err error) {
	r := journal.NewReader(bytes.NewReader(data), nil, true, true)
	for {
		rec, err := r.Next()
		if err == io.EOF {
			return recs, nil
		}
		if err != nil {
			return recs, err
		}
		b, err := io.ReadAll(rec)
		if err != nil {
			return recs, err
		}
		recs = append(recs, b)
	}
}

func sizesGen() *rapid.Generator[[]int] {
	size := rapid.OneOf(rapid.IntRange(0, 300), rapid.IntRange(blockSize-100, blockSize+100), rapid.IntRange(0, 2*blockSize))
	return rapid.SliceOfN(size, 1, 6)
}

// A journal that ends anywhere is read up to its last whole record, and is not
// damaged: a crash ends it so.
func TestScanCut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sizes := sizesGen().Draw(t, "sizes")
		data, ends := makeJournal(&testing.T{}, sizes...)
		n := rapid.IntRange(0, len(data)).Draw(t, "cut")
		ext := mustScan(t, data[:n])
		want := int64(0)
		if whole := records(ends, int64(n)); whole > 0 {
			want = int64(ends[whole-1])
		}
		if ext.wrong != nil || ext.end != want {
			t.Fatalf("cut at %d of %v: %+v, %v, want the end at %d", n, ends, ext, ext.wrong, want)
		}
		recs, err := replay(data[:ext.end])
		if err != nil || len(recs) != records(ends, ext.end) {
			t.Fatalf("replay: %d records, %v", len(recs), err)
		}
	})
}

// Whatever bit flips, either it is found or every record is as it was.
func TestScanFlips(t *testing.T) {
	data, ends := makeJournal(t, 20, 700, 0, blockSize, 30, 8, 1, 513, 90)
	whole, err := replay(data)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	flip := func(bit int) {
		data[bit/8] ^= 1 << (bit % 8)
		defer func() { data[bit/8] ^= 1 << (bit % 8) }()
		ext := mustScan(t, data)
		got, err := replay(data[:ext.end])
		if err != nil {
			t.Fatalf("bit %d: replay: %v", bit, err)
		}
		want := whole
		if ext.wrong != nil {
			want = whole[:records(ends, int64(bit/8))]
			if !errors.Is(ext.wrong, engine.ErrCorrupt) {
				t.Fatalf("bit %d: %v is not ErrCorrupt", bit, ext.wrong)
			}
		}
		if !slices.EqualFunc(got, want, bytes.Equal) {
			t.Fatalf("bit %d of byte %d: %d records are read, want %d as they were; they end at %v; found %v",
				bit%8, bit/8, len(got), len(want), ends, ext.wrong)
		}
	}
	// All headers of records, and all of the last ones.
	start := 0
	for _, end := range ends {
		for bit := start * 8; bit < (start+headerSize)*8; bit++ {
			flip(bit)
		}
		start = end
	}
	for bit := ends[len(ends)-4] * 8; bit < len(data)*8; bit++ {
		flip(bit)
	}
	for range *flips {
		flip(rng.IntN(len(data) * 8))
	}
}

// Each commit of a journal goes on with the number behind the one before: where one is
// missing, or comes again, what is before that is read, and the rest is damage.
func TestScanNumbers(t *testing.T) {
	for _, c := range []struct {
		numbers []uint64
		keep    int
	}{
		{[]uint64{100}, 1},
		{[]uint64{100, 101, 102}, 3},
		{[]uint64{100, 102}, 1},
		{[]uint64{100, 101, 103, 104}, 2},
		{[]uint64{100, 101, 1 << 40}, 2},
		{[]uint64{100, 100}, 1},
		{[]uint64{100, 101, 100}, 2},
		{[]uint64{100, 99}, 1},
	} {
		var commits [][]byte
		for _, n := range c.numbers {
			commits = append(commits, commitRecord(n, 50))
		}
		data, ends := journalOf(t, commits...)
		ext := mustScan(t, data)
		if ext.end != int64(ends[c.keep-1]) || ext.next != c.numbers[c.keep-1]+1 || (ext.wrong == nil) != (c.keep == len(c.numbers)) {
			t.Errorf("%d: read up to %d, of %d, then %d is next: %v", c.numbers, ext.end, ends, ext.next, ext.wrong)
		}
	}
}

func TestScanDamage(t *testing.T) {
	data, ends := makeJournal(t, 100, 3000, 2*blockSize, 5000)
	other, _ := makeJournal(t, 100)
	for _, c := range []struct {
		name string
		edit func(b []byte) []byte
		keep int    // records that are read
		want string // "" for a torn end
	}{
		{"Untouched", func(b []byte) []byte { return b }, 4, ""},
		{"Empty", func(b []byte) []byte { return nil }, 0, ""},
		{"ZerosBehind", func(b []byte) []byte { return append(b, make([]byte, 50000)...) }, 4, ""},
		{"LastNotWritten", func(b []byte) []byte { clear(b[ends[2]:]); return b }, 3, ""},
		{"LastHasAHole", func(b []byte) []byte { clear(b[ends[3]-1500 : ends[3]-400]); return b }, 3, ""},
		{"LastIsWrong", func(b []byte) []byte { b[ends[3]-1]++; return b }, 3, "checksum"},
		{"HoleBeforeTheLast", func(b []byte) []byte { clear(b[1024:2048]); return b }, 1, "commits behind it"},
		{"WholeBlockOfZeros", func(b []byte) []byte { clear(b[blockSize : 2*blockSize]); return b }, 2, "commits behind it"},
		{"LargeLastHasAHole", func(b []byte) []byte { clear(b[blockSize : 2*blockSize]); return b[:ends[2]] }, 2, ""},
		{"LargeLastIsWrong", func(b []byte) []byte { b[blockSize+100]++; return b[:ends[2]] }, 2, "its record goes on behind it"},
		{"BeginningMissing", func(b []byte) []byte { return b[blockSize:] }, 0, "no beginning"},
		{"Repeated", func(b []byte) []byte { return append(b[:ends[0]], b[:ends[1]]...) }, 1, "expected number 101, found 100"},
		{"RecordMissing", func(b []byte) []byte { return append(b[:ends[0]], b[ends[1]:blockSize]...) }, 1, ""},
		{"Garbage", func(b []byte) []byte { return []byte(strings.Repeat("garbage", 1000)) }, 0, "no chunk begins"},
		{"RecordInRecord", func(b []byte) []byte { return append(b[:blockSize], other...) }, 2, "begins inside of another"},
	} {
		t.Run(c.name, func(t *testing.T) {
			edited := c.edit(bytes.Clone(data))
			ext := mustScan(t, edited)
			text := ""
			if ext.wrong != nil {
				text = ext.wrong.Error()
				if ext.wrong.offset < ext.end || ext.wrong.offset+ext.wrong.behind != ext.size {
					t.Errorf("damage at %d with %d behind it, of %+v", ext.wrong.offset, ext.wrong.behind, ext)
				}
			}
			if (c.want == "") != (text == "") || !strings.Contains(text, c.want) {
				t.Errorf("damage %q, want %q", text, c.want)
			}
			recs, err := replay(edited[:ext.end])
			if err != nil || len(recs) != c.keep {
				t.Errorf("%d records are read, %v, want %d", len(recs), err, c.keep)
			}
		})
	}
}

// Any bytes are read up to a place that goleveldb reads without an error.
func FuzzScan(tf *testing.F) {
	f := inputs.New(tf)
	data, ends := makeJournal(f, 20, 700, 0, 513)
	f.Add(data)
	f.Add(data[:ends[2]+30])
	f.Add(append(bytes.Clone(data[ends[0]:]), data...))
	f.Add(make([]byte, 100))
	f.Add(bytes.Repeat([]byte{1}, 400))
	f.Fuzz(func(t *testing.T, data []byte) {
		ext := mustScan(t, data)
		recs, err := replay(data[:ext.end])
		if err != nil {
			t.Fatalf("replay of %d of %d bytes: %v", ext.end, len(data), err)
		}
		next := uint64(0)
		for i, rec := range recs {
			seq := binary.LittleEndian.Uint64(rec)
			if i > 0 && seq != next {
				t.Fatalf("record %d has number %d, want %d", i, seq, next)
			}
			next = seq + uint64(binary.LittleEndian.Uint32(rec[8:]))
		}
	})
}

// BenchmarkScan is what looking through a journal adds to opening a database.
func BenchmarkScan(b *testing.B) {
	for _, size := range []int{100, 10000} {
		b.Run(fmt.Sprintf("record=%d", size), func(b *testing.B) {
			sizes := make([]int, (4<<20)/(size+19))
			for i := range sizes {
				sizes[i] = size
			}
			data, _ := makeJournal(b, sizes...)
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if ext := mustScan(b, data); ext.end != ext.size {
					b.Fatal(ext.wrong)
				}
			}
		})
	}
}
