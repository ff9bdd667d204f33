package memory

import (
	"bytes"

	"github.com/google/btree"
	"github.com/storegen/storegen/runtime/engine"
)

// Pairs are fetched from the tree in pages, the first small and each twice as
// large as the one before, up to a bound.
const (
	pageFirst = 8
	pageMax   = 256
)

// iterator goes through a state of the tree, which does not change.
type iterator struct {
	tree *btree.BTreeG[pair]
	rng  engine.Range
	page []pair
	next int  // index in page
	want int  // size of the page
	end  bool // the page is the last one

	// The current pair, copied, so that keeping it for longer than allowed is
	// found out here and not only on an engine that reuses its buffers.
	key, val []byte
}

func (it *iterator) Next() bool {
	if it.next == len(it.page) && !it.fetch() {
		it.key, it.val = nil, nil
		return false
	}
	p := it.page[it.next]
	it.next++
	it.key = append(it.key[:0], p.key...)
	it.val = append(it.val[:0], p.val...)
	return true
}

// fetch gets the next page. It reports whether there is one.
func (it *iterator) fetch() bool {
	if it.end {
		return false
	}
	var last []byte
	if len(it.page) > 0 {
		last = it.page[len(it.page)-1].key
	}
	it.want = min(max(2*it.want, pageFirst), pageMax)
	it.page, it.next = it.page[:0], 0
	it.end = true // unless the page fills up
	if it.rng.Reverse {
		it.descend(last)
	} else {
		it.ascend(last)
	}
	return len(it.page) > 0
}

// ascend gets the pairs behind last, or from the start.
func (it *iterator) ascend(last []byte) {
	from := it.rng.Start
	if last != nil {
		from = last
	}
	it.tree.AscendGreaterOrEqual(pair{key: from}, func(p pair) bool {
		if last != nil && bytes.Equal(p.key, last) {
			return true
		}
		if it.rng.End != nil && bytes.Compare(p.key, it.rng.End) >= 0 {
			return false
		}
		return it.add(p)
	})
}

// descend gets the pairs before last, or from the end.
func (it *iterator) descend(last []byte) {
	before := it.rng.End
	if last != nil {
		before = last
	}
	visit := func(p pair) bool {
		if before != nil && bytes.Compare(p.key, before) >= 0 {
			return true // the bound itself, which is not in the range
		}
		if bytes.Compare(p.key, it.rng.Start) < 0 {
			return false
		}
		return it.add(p)
	}
	if before == nil {
		it.tree.Descend(visit)
	} else {
		it.tree.DescendLessOrEqual(pair{key: before}, visit)
	}
}

// add takes a pair into the page. It reports whether there is room for another.
func (it *iterator) add(p pair) bool {
	it.page = append(it.page, p)
	if len(it.page) == it.want {
		it.end = false
		return false
	}
	return true
}

func (it *iterator) Key() []byte   { return it.key }
func (it *iterator) Value() []byte { return it.val }
func (it *iterator) Err() error    { return nil }

func (it *iterator) Close() error {
	it.tree, it.page = nil, nil
	return nil
}
