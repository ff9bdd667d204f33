package rawstore

import (
	"bytes"
	"context"

	"github.com/storegen/storegen/runtime/engine"
)

// sampled is how many keys are read at each end of a table.
const sampled = 128

// sample estimates the number of keys in a range from those at its two ends: it reads
// at most sampled of each. Where that is not all, the keys between are taken to stand as
// far from each other as those that were read.
func sample(ctx context.Context, r engine.Reader, start, end []byte) (int64, error) {
	first, err := read(ctx, r, engine.Range{Start: start, End: end})
	if err != nil || len(first) < sampled {
		return int64(len(first)), err
	}
	last, err := read(ctx, r, engine.Range{Start: start, End: end, Reverse: true})
	if err != nil || len(last) == 0 {
		return int64(len(first)), err
	}
	// The two may overlap, or meet.
	if edge := first[len(first)-1]; bytes.Compare(last[len(last)-1], edge) <= 0 {
		n := len(first)
		for _, key := range last {
			if bytes.Compare(key, edge) > 0 {
				n++
			}
		}
		return int64(n), nil
	}
	s := scaleOf(append(first, last...))
	whole := s.at(last[0]) - s.at(first[0])
	read := s.at(first[len(first)-1]) - s.at(first[0]) + s.at(last[0]) - s.at(last[len(last)-1])
	n := float64(len(first) + len(last))
	if read <= 0 {
		return int64(n), nil // they differ where the scale does not reach
	}
	return int64(max(n, min(n*whole/read, most))), nil
}

// most is the largest number of rows that an estimate says.
const most = 1 << 40

// read reads some keys of a range.
func read(ctx context.Context, r engine.Reader, rng engine.Range) ([][]byte, error) {
	rng.KeysOnly, rng.Limit = true, sampled
	it := r.Iterate(ctx, rng)
	var keys [][]byte
	for len(keys) < sampled && it.Next() {
		keys = append(keys, bytes.Clone(it.Key()))
	}
	return keys, it.Close()
}

// scale gives keys places between 0 and 1 in their order. At each position of a key
// it tells apart the bytes from the lowest to the highest that were seen there: digits
// are ten, and a byte that all keys have is none.
type scale struct{ low, high []byte }

// digits is how many positions a scale has. More are beyond what a float holds.
const digits = 24

func scaleOf(keys [][]byte) scale {
	common := len(keys[0])
	for _, key := range keys {
		n := 0
		for n < min(common, len(key)) && key[n] == keys[0][n] {
			n++
		}
		common = n
	}
	s := scale{low: make([]byte, common+digits), high: make([]byte, common+digits)}
	for i := range s.low {
		s.low[i] = 0xFF
	}
	for _, key := range keys {
		for i := range min(len(key), len(s.low)) {
			s.low[i], s.high[i] = min(s.low[i], key[i]), max(s.high[i], key[i])
		}
	}
	return s
}

func (s scale) at(key []byte) float64 {
	place, unit := 0.0, 1.0
	for i := range min(len(key), len(s.low)) {
		unit /= float64(s.high[i]-s.low[i]) + 1
		place += float64(key[i]-s.low[i]) * unit
	}
	return place
}
