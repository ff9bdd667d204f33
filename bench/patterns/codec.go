package patterns

import (
	"encoding/binary"
	"errors"
	"iter"
	"time"
	"unsafe"

	"github.com/storegen/storegen/bench/patterns/db"
)

// The codecs of the side by hand: as lean as they get, fields in a row, decoded in place.

var (
	errCorrupt = errors.New("corrupt row")
	errThere   = errors.New("already exists")
)

// appendName appends a text that ends in a zero byte, and has none within.
func appendName(dst []byte, s string) []byte { return append(append(dst, s...), 0) }

// appendOrdered appends a number so that bytes sort as numbers do.
func appendOrdered(dst []byte, n int64) []byte {
	return binary.BigEndian.AppendUint64(dst, uint64(n)^1<<63)
}

func textOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// memory is where a scan copies what may be kept, many to an allocation.
type memory struct{ free []byte }

func (m *memory) copy(b []byte) []byte {
	if len(b) > len(m.free) {
		m.free = make([]byte, max(4<<10, len(b)))
	}
	out := m.free[:len(b):len(b)]
	m.free = m.free[copy(out, b):]
	return out
}

type reader struct {
	b   []byte
	err error
}

func (r *reader) uvarint() uint64 {
	n, size := binary.Uvarint(r.b)
	if size <= 0 {
		r.b, r.err = nil, errCorrupt
		return 0
	}
	r.b = r.b[size:]
	return n
}

func (r *reader) varint() int64 {
	n := r.uvarint()
	return int64(n>>1) ^ -int64(n&1)
}

// take returns the next n bytes, in place.
func (r *reader) take(n int) []byte {
	if n > len(r.b) {
		r.b, r.err = nil, errCorrupt
		return nil
	}
	out := r.b[:n:n]
	r.b = r.b[n:]
	return out
}

func (r *reader) bytes() []byte { return r.take(int(min(r.uvarint(), 1<<31))) }

func (r *reader) hash() (h db.Hash) {
	copy(h[:], r.take(len(h)))
	return h
}

func (r *reader) bool() bool {
	b := r.take(1)
	return len(b) == 1 && b[0] != 0
}

func appendBool(dst []byte, v bool) []byte {
	if v {
		return append(dst, 1)
	}
	return append(dst, 0)
}

func appendBlock(dst []byte, b *db.Block) []byte {
	dst = append(dst, b.Hash[:]...)
	dst = binary.AppendUvarint(dst, uint64(b.File))
	dst = binary.AppendUvarint(dst, b.Offset)
	dst = binary.AppendUvarint(dst, uint64(b.Size))
	return binary.AppendUvarint(dst, uint64(b.Txs))
}

func decodeBlock(value []byte, b *db.Block) error {
	r := reader{b: value}
	b.Hash = r.hash()
	b.File, b.Offset, b.Size, b.Txs = uint32(r.uvarint()), r.uvarint(), uint32(r.uvarint()), uint32(r.uvarint())
	return r.err
}

func appendTx(dst []byte, t *db.Tx) []byte {
	dst = binary.AppendVarint(append(dst, t.Hash[:]...), t.Amount)
	dst = binary.AppendUvarint(dst, uint64(len(t.Attributes)))
	for _, a := range t.Attributes {
		dst = append(binary.AppendUvarint(dst, uint64(len(a))), a...)
	}
	return append(dst, t.Result...)
}

// appendFile encodes what indexes are about first.
func appendFile(dst []byte, f *db.File) []byte {
	dst = binary.AppendVarint(appendBool(dst, f.Needed), f.Size)
	dst = binary.AppendUvarint(dst, uint64(len(f.Blocks)))
	for _, b := range f.Blocks {
		dst = append(dst, b[:]...)
	}
	return binary.AppendUvarint(dst, f.Version)
}

// head is what indexes are about in a file that is stored.
type head struct {
	needed bool
	size   int64
	hashes []byte
}

func headOf(value []byte) (h head, err error) {
	if value == nil {
		return h, nil
	}
	r := reader{b: value}
	h.needed, h.size = r.bool(), r.varint()
	h.hashes = r.take(int(min(r.uvarint(), 1<<20)) * len(db.Hash{}))
	return h, r.err
}

func (h *head) blocks() iter.Seq[db.Hash] {
	return func(yield func(db.Hash) bool) {
		for rest := h.hashes; len(rest) > 0 && yield(db.Hash(rest)); rest = rest[len(db.Hash{}):] {
		}
	}
}

func (h *head) has(block db.Hash) bool {
	for b := range h.blocks() {
		if b == block {
			return true
		}
	}
	return false
}

func appendInvoice(dst []byte, i *db.Invoice) []byte {
	dst = appendBool(append(dst, i.Hash[:]...), i.Settled)
	dst = binary.AppendUvarint(dst, i.Amount)
	dst = binary.AppendVarint(dst, i.AddedAt.UnixNano())
	dst = append(binary.AppendUvarint(dst, uint64(len(i.Memo))), i.Memo...)
	return append(dst, i.Request...)
}

func decodeInvoice(value []byte, i *db.Invoice) error {
	r := reader{b: value}
	i.Hash, i.Settled, i.Amount = r.hash(), r.bool(), r.uvarint()
	i.AddedAt = time.Unix(0, r.varint()).UTC()
	i.Memo, i.Request = textOf(r.bytes()), r.b
	return r.err
}

func appendEdge(dst []byte, e *db.Edge) []byte {
	dst = binary.AppendVarint(dst, e.UpdatedAt.UnixNano())
	dst = binary.AppendUvarint(dst, uint64(e.FeeBase))
	dst = binary.AppendUvarint(dst, uint64(e.FeeRate))
	return append(appendBool(dst, e.Disabled), e.Signature...)
}

func decodeEdge(value []byte, e *db.Edge) error {
	r := reader{b: value}
	e.UpdatedAt = time.Unix(0, r.varint()).UTC()
	e.FeeBase, e.FeeRate, e.Disabled = uint32(r.uvarint()), uint32(r.uvarint()), r.bool()
	e.Signature = r.b
	return r.err
}
