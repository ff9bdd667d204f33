package runs

import (
	"bufio"
	"bytes"
	"container/heap"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
)

// Merge goes through the pairs of a sorter in the order of their keys. Pairs of one key
// come one after the other, in the order of their values. The methods are those of engine.Iterator.
type Merge struct {
	from    sources
	started bool
	err     error
}

// Sorted ends adding. The sorter must not be closed before the merge is done.
func (s *Sorter) Sorted() (*Merge, error) {
	s.sort()
	m := &Merge{}
	if len(s.items) > 0 {
		m.from = append(m.from, &source{sorter: s})
	}
	for i, f := range s.runs {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return nil, err
		}
		m.from = append(m.from, &source{file: f, r: bufio.NewReaderSize(f, 256<<10), want: s.sums[i]})
	}
	return m, nil
}

// Next moves to the next pair.
func (m *Merge) Next() bool {
	if m.err != nil {
		return false
	}
	if !m.started {
		m.started = true
		for i := 0; i < len(m.from); {
			if m.from[i].next() {
				i++
				continue
			}
			if m.err = m.from[i].err; m.err != nil {
				return false
			}
			m.from = append(m.from[:i], m.from[i+1:]...)
		}
		heap.Init(&m.from)
		return len(m.from) > 0
	}
	if len(m.from) == 0 {
		return false
	}
	switch top := m.from[0]; {
	case top.next():
		if len(m.from) > 1 {
			heap.Fix(&m.from, 0)
		}
	case top.err != nil:
		m.err = top.err
		return false
	default:
		heap.Pop(&m.from)
	}
	return len(m.from) > 0
}

// Key is the key of the pair, valid until the next call of Next.
func (m *Merge) Key() []byte { return m.from[0].key }

// Value is its value.
func (m *Merge) Value() []byte { return m.from[0].value }

// Err is what went wrong.
func (m *Merge) Err() error { return m.err }

// Close returns Err. The sorter removes the files.
func (m *Merge) Close() error { return m.err }

// source is a run in a file, or what is in memory.
type source struct {
	key, value []byte
	err        error

	sorter *Sorter
	at     int

	file      *os.File
	r         *bufio.Reader
	pair      []byte
	sum, want uint32
}

// next reads the next pair; false at the end, or where err is set.
func (s *source) next() bool {
	if s.sorter != nil {
		if s.at == len(s.sorter.items) {
			return false
		}
		it := &s.sorter.items[s.at]
		s.key, s.value = s.sorter.keyOf(it), s.sorter.valueOf(it)
		s.at++
		return true
	}
	more, err := s.read()
	if err != nil {
		s.err = fmt.Errorf("reading back %s: %w", s.file.Name(), err)
	}
	return more
}

var errSum = errors.New("it is not as it was written")

// read reads a pair of a file.
func (s *source) read() (more bool, err error) {
	key, err := binary.ReadUvarint(s.r)
	if errors.Is(err, io.EOF) {
		if s.sum != s.want {
			return false, errSum
		}
		return false, nil
	}
	if err != nil {
		return false, err
	}
	value, err := binary.ReadUvarint(s.r)
	if err != nil {
		return false, err
	}
	n := key + value
	if key > mostPair || value > mostPair {
		return false, errSum
	}
	if uint64(cap(s.pair)) < n {
		s.pair = make([]byte, n+n/2)
	}
	s.pair = s.pair[:n]
	if _, err := io.ReadFull(s.r, s.pair); err != nil {
		return false, err
	}
	var lengths [2 * binary.MaxVarintLen64]byte
	head := binary.AppendUvarint(binary.AppendUvarint(lengths[:0], key), value)
	s.sum = crc32.Update(crc32.Update(s.sum, castagnoli, head), castagnoli, s.pair)
	s.key, s.value = s.pair[:key:key], s.pair[key:]
	return true, nil
}

// mostPair bounds the length of a key or value, for one that is not as it was written.
const mostPair = 1 << 31

// sources is a heap, the least key first.
type sources []*source

func (h sources) Len() int { return len(h) }
func (h sources) Less(i, j int) bool {
	if c := bytes.Compare(h[i].key, h[j].key); c != 0 {
		return c < 0
	}
	return bytes.Compare(h[i].value, h[j].value) < 0
}
func (h sources) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *sources) Push(x any)   { *h = append(*h, x.(*source)) }
func (h *sources) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
