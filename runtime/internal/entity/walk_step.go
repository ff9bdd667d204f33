package entity

import (
	"bytes"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/layout"
)

// Next moves on, and returns false at the end or at an error.
func (w *Walk) Next() bool {
	if w.direct {
		return w.nextPair()
	}
	w.at++
	if (w.at >= len(w.batch.items) || w.tracked != nil && w.tracked.Ended.Load()) && !w.advance() {
		return false
	}
	if w.Index == ByKey {
		return true
	}
	if it := &w.batch.items[w.at]; it.columns > 0 {
		w.batch.columns = it.own[:it.columns:it.columns]
	}
	return !w.Values || w.readBody()
}

// nextPair moves on where rows that are read by their keys are only lent: they stay in the
// iterator's memory. To copy them as batches do costs 8 % of ScanColumns in bench.
func (w *Walk) nextPair() bool {
	for w.err == nil && w.more {
		if !w.it.Next() {
			if w.err = w.it.Err(); w.err == nil {
				w.more = w.nextRange()
			}
			continue
		}
		if w.shown++; w.shown%MostAhead == 0 {
			w.err = w.ctx.Err()
		}
		key := w.it.Key()
		expiry, body, err := layout.SplitValue(w.it.Value())
		switch {
		case err != nil:
			w.err = errs.Corrupt(bytes.Clone(key), err)
		case w.err == nil && !w.batch.now.Expired(expiry):
			w.key, w.body = key[w.batch.prefix:], body
			return true
		}
	}
	return false
}

// advance takes the next batch.
func (w *Walk) advance() bool {
	if w.tracked != nil && w.tracked.Ended.Load() && w.err == nil {
		w.err = w.tracked.Err()
	}
	w.shown += len(w.batch.items)
	w.batch.reset()
	for w.err == nil && w.more {
		w.at = 0
		w.err = w.fill()
		if len(w.batch.items) > 0 {
			return true
		}
	}
	return false
}

// fill takes what comes next from the iterators. An error of one of them comes behind what
// was taken before it.
func (w *Walk) fill() error {
	n := w.size()
	for {
		w.more = engine.Take(w.it, n-len(w.batch.items), w.batch.add)
		err := w.batch.err
		if err == nil && !w.more {
			if err = w.it.Err(); err == nil {
				w.more = w.nextRange()
				w.batch.forget()
			}
		}
		if err == nil {
			err = w.ctx.Err()
		}
		enough := !w.readsRows() || len(w.batch.items) >= n || w.batch.size >= batchSize
		if err == nil && w.more && !enough {
			continue
		}
		if w.readsRows() && len(w.batch.items) > 0 {
			if failed := w.batch.read(w); failed != nil {
				w.batch.items = w.batch.items[:0]
				return failed
			}
		}
		return err
	}
}

// size is how many the next batch has at most.
func (w *Walk) size() int {
	n := w.ahead
	w.ahead = min(2*n, w.most)
	switch left := w.MostValues - w.shown; {
	case w.readsRows() && left > 0:
		n = min(n, left)
	case w.readsRows() && w.MostValues > 0:
		n = 1 // whether there is one is all that is asked
	case !w.readsRows() && w.shown > 0 && w.Limit > w.shown:
		n = min(n, w.Limit-w.shown) // rows that a filter passes over do not count in it, so it may be past
	}
	return n
}

// Key is the encoded key of the row.
func (w *Walk) Key() []byte {
	if w.direct {
		return w.key
	}
	it := &w.batch.items[w.at]
	return it.own[it.key:it.end:it.end]
}

// Body is the value of the row; nil where it was not read.
func (w *Walk) Body() []byte {
	if w.direct || w.Index != ByKey {
		return w.body
	}
	return w.batch.items[w.at].rest()
}

// Include is what an entry includes, where entries are read alone.
func (w *Walk) Include() []byte { return w.batch.items[w.at].rest() }

// EntryColumns is the columns of an entry, without the key of its row; fresh is whether
// they are others than those of the entry before.
func (w *Walk) EntryColumns() (columns []byte, fresh bool) {
	return w.batch.columns, w.batch.items[w.at].columns > 0
}

// Columns appends what stands behind the prefix in the key that the walk is at: the key of
// a row, or the columns of an entry with the key behind them where the index is not
// unique.
func (w *Walk) Columns(dst []byte) []byte {
	if w.Index == ByKey {
		return append(dst, w.Key()...)
	}
	columns, _ := w.EntryColumns()
	dst = append(dst, columns...)
	if !w.t.Indexes[w.Index].Desc.Unique {
		dst = append(dst, w.Key()...)
	}
	return dst
}

// Where is the key of the engine that the walk is at, which From goes on behind.
func (w *Walk) Where() []byte {
	prefix, _ := w.t.rangeOf(w.Index)
	return w.Columns(bytes.Clone(prefix))
}
