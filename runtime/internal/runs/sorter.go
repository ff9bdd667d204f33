// Package runs sorts pairs of keys and values that are more than memory holds: what is in
// memory is sorted and written to a file, a run, as often as it is full, and in the end all
// runs are merged. It knows nothing of rows or engines.
package runs

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"slices"
)

// Sorter takes pairs in any order and gives them back in that of their keys, and those of one
// key in that of their values. It is for one goroutine.
type Sorter struct {
	most  int    // bytes in memory
	dir   string // of the files; "" is that of the system
	mem   []byte // the keys and values, one behind the other
	items []item
	runs  []*os.File
	named map[*os.File]bool // those that have a name still
	sums  []uint32          // of the runs
}

// item is a pair in memory.
type item struct {
	head       uint64 // of the key, behind what all keys begin with
	at         int
	key, value int32 // how long they are
}

const itemSize = 24

// New makes a sorter that holds about so many bytes in memory. Its files are in a folder,
// "" for that of the system for such files.
func New(most int, dir string) *Sorter { return &Sorter{most: most, dir: dir} }

// Add takes a pair, whose memory the caller may use again.
func (s *Sorter) Add(key, value []byte) error {
	size := len(key) + len(value)
	if len(s.items) > 0 && len(s.mem)+size+itemSize*(len(s.items)+1) > s.most {
		if err := s.spill(); err != nil {
			return err
		}
	}
	s.items = append(s.items, item{at: len(s.mem), key: int32(len(key)), value: int32(len(value))})
	s.mem = append(append(s.mem, key...), value...)
	return nil
}

func (s *Sorter) keyOf(it *item) []byte { return s.mem[it.at : it.at+int(it.key)] }

func (s *Sorter) valueOf(it *item) []byte {
	return s.mem[it.at+int(it.key):][:it.value:it.value]
}

// sort sorts what is in memory. Most keys differ in the eight bytes behind what all of
// them begin with, so that these are compared without a look at the keys.
func (s *Sorter) sort() {
	if len(s.items) == 0 {
		return
	}
	common := s.keyOf(&s.items[0])
	for i := range s.items {
		common = common[:shared(common, s.keyOf(&s.items[i]))]
	}
	skip := len(common)
	for i := range s.items {
		var head [8]byte
		copy(head[:], s.keyOf(&s.items[i])[skip:])
		s.items[i].head = binary.BigEndian.Uint64(head[:])
	}
	slices.SortFunc(s.items, func(a, b item) int {
		if a.head != b.head {
			return cmp.Compare(a.head, b.head)
		}
		if c := bytes.Compare(s.keyOf(&a)[skip:], s.keyOf(&b)[skip:]); c != 0 {
			return c
		}
		return bytes.Compare(s.valueOf(&a), s.valueOf(&b))
	})
}

// shared is how many bytes two keys begin with alike.
func shared(a, b []byte) int {
	n := min(len(a), len(b))
	if bytes.Equal(a[:n], b[:n]) {
		return n // as a rule, once all have something in common
	}
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// spill writes what is in memory to a file.
func (s *Sorter) spill() (err error) {
	s.sort()
	f, err := os.CreateTemp(s.dir, "storegen-load-*")
	if err != nil {
		return err
	}
	s.runs = append(s.runs, f)
	// The room of a file without a name is free when the process ends, however that is. Some
	// systems remove no file that is open.
	if os.Remove(f.Name()) != nil {
		if s.named == nil {
			s.named = map[*os.File]bool{}
		}
		s.named[f] = true
	}
	w := bufio.NewWriterSize(f, 256<<10)
	var sum uint32
	var lengths []byte
	for i := range s.items {
		it := &s.items[i]
		lengths = binary.AppendUvarint(binary.AppendUvarint(lengths[:0], uint64(it.key)), uint64(it.value))
		pair := s.mem[it.at : it.at+int(it.key)+int(it.value)]
		sum = crc32.Update(crc32.Update(sum, castagnoli, lengths), castagnoli, pair)
		if _, err := w.Write(lengths); err != nil {
			return err
		}
		if _, err := w.Write(pair); err != nil {
			return err
		}
	}
	s.sums = append(s.sums, sum)
	s.mem, s.items = s.mem[:0], s.items[:0]
	return w.Flush()
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Close removes the files.
func (s *Sorter) Close() error {
	var failed error
	for _, f := range s.runs {
		failed = errors.Join(failed, f.Close())
		if s.named[f] {
			failed = errors.Join(failed, os.Remove(f.Name()))
		}
	}
	s.runs, s.named, s.mem, s.items = nil, nil, nil, nil
	return failed
}
