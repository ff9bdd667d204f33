package txn

import (
	"bytes"
	"context"
	"hash/maphash"
)

// fewAhead is up to how many keys are looked through one by one, and keptAhead how many
// there is room for at most when it is used again.
const (
	fewAhead  = 16
	keptAhead = 4096
)

// ahead is keys that a write has read together, in one round trip, before it needs them:
// Find takes them from here, each once. A write of a key ends what was read of it.
type ahead struct {
	on    bool     // there are some that were not taken
	twice bool     // a key may be there several times
	left  int      // how many, at most
	mem   []byte   // the keys, one behind the other
	keys  [][]byte // nil where it was taken, or written since
	vals  [][]byte
	next  int // the key that is mostly asked for next
	// table finds keys by their hash, where they are more than a few: it has places in
	// keys, from 1 on, and room for twice as many.
	table []uint32
	seed  maphash.Seed
}

// keyAhead is as how long a key that is read ahead is taken beforehand, in bytes.
const keyAhead = 24

// RoomAhead makes room for n keys that are about to be added.
func (w *Writer) RoomAhead(n int) {
	a := &w.ahead
	if cap(a.keys) < n {
		a.mem, a.keys, a.vals = make([]byte, 0, n*keyAhead), make([][]byte, 0, n), make([][]byte, 0, n)
	}
}

// Ahead adds a key to those that ReadAhead reads.
func (w *Writer) Ahead(key []byte) {
	a := &w.ahead
	start := len(a.mem)
	a.mem = append(a.mem, key...)
	a.keys = append(a.keys, a.mem[start:len(a.mem):len(a.mem)])
}

// ReadsAhead reports whether there are keys that were read ahead.
func (w *Writer) ReadsAhead() bool { return w.ahead.on }

// ReadAhead reads the keys that were added, for Find. EndAhead is to follow.
func (w *Writer) ReadAhead(ctx context.Context) error {
	a := &w.ahead
	if n := len(a.keys); cap(a.vals) < n {
		a.vals = make([][]byte, n, max(n, cap(a.keys)))
	} else {
		a.vals = a.vals[:n]
	}
	if err := w.Tx.GetManyForUpdate(ctx, a.keys, a.vals); err != nil {
		return err
	}
	a.on, a.left, a.twice = true, len(a.keys), true
	if len(a.keys) > fewAhead {
		a.index()
	}
	return nil
}

// FailedAhead looks for the key that ReadAhead has failed with, by reading one after the
// other; it is nil where each can be read.
func (w *Writer) FailedAhead(ctx context.Context) (key []byte, err error) {
	for _, key := range w.ahead.keys {
		if _, _, err := w.Find(ctx, key); err != nil {
			return key, err
		}
	}
	return nil, nil
}

// EndAhead forgets what was read ahead.
func (w *Writer) EndAhead() { w.ahead.end() }

func (a *ahead) end() {
	a.on, a.next = false, 0
	if cap(a.keys) > keptAhead {
		*a = ahead{seed: a.seed}
		return
	}
	clear(a.vals)
	a.mem, a.keys, a.vals, a.table = a.mem[:0], a.keys[:0], a.vals[:0], a.table[:0]
}

// Put writes a key: one that was not read ahead, or whose value was taken, unless others
// have it read ahead too.
func (w *Writer) Put(key, value []byte) error {
	if w.ahead.on && w.ahead.twice {
		w.ahead.forget(key)
	}
	if w.undo != nil && len(w.undo.marks) > 0 {
		if err := w.note(key); err != nil {
			return err
		}
	}
	return w.Tx.Put(key, value)
}

// Delete deletes a key.
func (w *Writer) Delete(key []byte) error {
	if w.ahead.on {
		w.ahead.forget(key)
	}
	if w.undo != nil && len(w.undo.marks) > 0 {
		if err := w.note(key); err != nil {
			return err
		}
	}
	return w.Tx.Delete(key)
}

// take returns what was read of a key, and forgets it.
func (a *ahead) take(key []byte) (value []byte, ok bool) {
	at := a.next
	if at >= len(a.keys) || !bytes.Equal(a.keys[at], key) {
		if at = a.find(key); at < 0 {
			return nil, false
		}
	}
	a.next = at + 1
	a.keys[at], value = nil, a.vals[at]
	if a.left--; a.left == 0 {
		a.end() // what follows is not slowed down, and may read other keys ahead
	}
	return value, true
}

// forget drops what was read of a key, which may be there several times.
func (a *ahead) forget(key []byte) {
	for at := a.find(key); at >= 0; at = a.find(key) {
		a.keys[at] = nil
	}
}

// find is where a key is, or -1.
func (a *ahead) find(key []byte) int {
	if len(a.table) == 0 {
		for i, k := range a.keys {
			if bytes.Equal(k, key) {
				return i
			}
		}
		return -1
	}
	for at := a.place(key); a.table[at] != 0; at = (at + 1) % len(a.table) {
		if i := int(a.table[at] - 1); bytes.Equal(a.keys[i], key) {
			return i
		}
	}
	return -1
}

// place is where the table is looked through for a key from.
func (a *ahead) place(key []byte) int {
	return int(maphash.Bytes(a.seed, key) >> 32 * uint64(len(a.table)) >> 32)
}

// index makes the table.
func (a *ahead) index() {
	if a.seed == (maphash.Seed{}) {
		a.seed = maphash.MakeSeed()
	}
	if n := 2 * len(a.keys); cap(a.table) < n {
		a.table = make([]uint32, n)
	} else {
		a.table = a.table[:n]
		clear(a.table)
	}
	a.twice = false
	for i, key := range a.keys {
		at := a.place(key)
		for a.table[at] != 0 {
			a.twice = a.twice || bytes.Equal(a.keys[a.table[at]-1], key)
			at = (at + 1) % len(a.table)
		}
		a.table[at] = uint32(i + 1)
	}
}
