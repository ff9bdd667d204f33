package occ

import (
	"bytes"
	"context"
	"errors"

	"github.com/storegen/storegen/runtime/engine"
)

// NearReader is what GetManyNear reads by.
type NearReader interface {
	// Get is BaseReader's.
	Get(key []byte) ([]byte, error)
	// Seeker returns an iterator from the first key to before another one.
	Seeker(start, limit []byte) (Seeker, error)
}

// Seeker is an iterator that goes forward. It reads one state, that of Get.
type Seeker interface {
	First() bool
	Seek(key []byte) bool // to the first pair at or behind a key
	Next() bool
	Key() []byte
	Value() []byte
	Error() error
	Release()
}

// A scan by an index asks for rows in the order of their keys, or in reverse, as
// long as its entries have equal columns. If the index has few values, such rows lie
// near each other, and to step over those between them costs less than to look each
// one up: a step is a tenth of a Get or less. If they lie far apart, a Get is better
// than a seek, for it asks the Bloom filters. How near they are shows on the way.
const (
	// nearLeast is how many keys in order make it worth the opening of an iterator.
	nearLeast = 16
	// nearSteps and nearBytes are how far the iterator steps to reach the next key,
	// in pairs and in the bytes of their values: about what a Get costs.
	nearSteps = 12
	nearBytes = 4 << 10
)

// GetManyNear is ManyReader.GetMany for a base that goes from pair to pair far faster
// than it looks one up. The reader goes by its own type, since an interface would take
// memory for it in each call.
func GetManyNear[R NearReader](ctx context.Context, r R, keys, vals [][]byte) error {
	for len(keys) > 0 {
		n, reverse := ordered(keys)
		if err := getSorted(ctx, r, sorted{keys[:n], vals[:n], reverse}); err != nil {
			return err
		}
		keys, vals = keys[n:], vals[n:]
	}
	return nil
}

// ordered returns how many keys at the front are in order, or in reverse.
func ordered(keys [][]byte) (n int, reverse bool) {
	n = 1
	for order := 0; n < len(keys); n++ {
		c := bytes.Compare(keys[n-1], keys[n])
		if c*order < 0 {
			break
		}
		if c != 0 {
			order = c
		}
		reverse = order > 0
	}
	return n, reverse
}

// sorted is keys that are in order, or in reverse, with the room for their values.
type sorted struct {
	keys, vals [][]byte
	reverse    bool
}

// at is where the key is that is the i-th in order.
func (s *sorted) at(i int) int {
	if s.reverse {
		return len(s.keys) - 1 - i
	}
	return i
}

// getSorted reads sorted keys: as many as it can by stepping, the rest one by one.
func getSorted[R NearReader](ctx context.Context, r R, keys sorted) error {
	i := 0
	if len(keys.keys) >= nearLeast {
		var err error
		if i, err = step(ctx, r, &keys); err != nil {
			return err
		}
	}
	for ; i < len(keys.keys); i++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		at := keys.at(i)
		v, err := r.Get(keys.keys[at])
		if err != nil && err != engine.ErrNotFound && !errors.Is(err, engine.ErrNotFound) {
			return err
		}
		keys.vals[at] = v
	}
	return nil
}

// step reads the first of them by an iterator that steps from one to the next, and
// returns how many: it ends where the keys turn out to lie too far apart. It ends at an
// error of the iterator too, which may be of a pair between two keys: a Get tells.
func step[R NearReader](ctx context.Context, r R, keys *sorted) (n int, err error) {
	// It does not look behind the last key: there may be many deleted ones.
	last := keys.keys[keys.at(len(keys.keys)-1)]
	limit := append(append(make([]byte, 0, len(last)+1), last...), 0)
	it, err := r.Seeker(keys.keys[keys.at(0)], limit)
	if err != nil {
		return 0, err
	}
	defer it.Release()
	mem := values{expect: len(keys.keys)}
	there := it.First()
	for far := 0; n < len(keys.keys); n++ {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		at := keys.at(n)
		key := keys.keys[at]
		near := false
		if there, near = advance(it, there, key); !near {
			// A few may be farther away than the others.
			if far++; 4*far > n+4 {
				return n, nil
			}
			there = it.Seek(key)
		}
		switch {
		case there && bytes.Equal(it.Key(), key):
			keys.vals[at] = mem.copy(it.Value())
		case !there && it.Error() != nil:
			return n, nil
		default:
			keys.vals[at] = nil
		}
	}
	return n, nil
}

// advance steps to the first pair at or behind a key, unless that is too far away.
// there is whether the iterator stands on a pair, before and after.
func advance(it Seeker, there bool, key []byte) (still, near bool) {
	steps, size := 0, 0
	for there && bytes.Compare(it.Key(), key) < 0 {
		if steps == nearSteps || size > nearBytes {
			return there, false
		}
		there = it.Next()
		steps++
		size += len(it.Value())
	}
	return there, true
}

// values gives out memory for values, in blocks: the first for as many as are
// expected, if all are like the first.
type values struct {
	free   []byte
	expect int
}

// valuesMost is how large blocks are at most, and so how much memory a value that
// is kept can hold on to.
const valuesMost = 16 << 10

// copy returns a copy of a value. It is not nil, whatever v is.
func (m *values) copy(v []byte) []byte {
	if len(v) > len(m.free) {
		m.free = make([]byte, max(len(v), min(m.expect*len(v), valuesMost)))
	}
	m.expect--
	out := m.free[:len(v):len(v)]
	copy(out, v)
	m.free = m.free[len(v):]
	return out
}
