package patterns

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/storegen/storegen/bench/patterns/db"
	"github.com/syndtr/goleveldb/leveldb"
	"github.com/syndtr/goleveldb/leveldb/filter"
	"github.com/syndtr/goleveldb/leveldb/opt"
	"github.com/syndtr/goleveldb/leveldb/util"
)

// byHand is what a person writes on goleveldb for these tables: keys that sort, lean
// codecs, pooled buffers and batches. Writes that read take one lock, as the programs do.
type byHand struct {
	ldb  *leveldb.DB
	mu   sync.Mutex
	pool sync.Pool
}

type scratch struct {
	batch      leveldb.Batch
	key, value []byte
}

// The options are those of the generated side's engine.
func openByHand(dir string) (Side, error) {
	ldb, err := leveldb.OpenFile(dir, &opt.Options{
		Filter: filter.NewBloomFilter(10), BlockCacheCapacity: 128 << 20, BlockSize: 16 << 10, WriteBuffer: 16 << 20,
		DisableSeeksCompaction: true, IteratorSamplingRate: -1,
	})
	if err != nil {
		return nil, err
	}
	return &byHand{ldb: ldb, pool: sync.Pool{New: func() any { return new(scratch) }}}, nil
}

func (h *byHand) take() *scratch { return h.pool.Get().(*scratch) }

func (h *byHand) give(sc *scratch) {
	sc.batch.Reset()
	h.pool.Put(sc)
}

// put puts the key and the value of a scratch into its batch.
func (sc *scratch) put()    { sc.batch.Put(sc.key, sc.value) }
func (sc *scratch) mark()   { sc.batch.Put(sc.key, nil) }
func (sc *scratch) delete() { sc.batch.Delete(sc.key) }

// prefixed goes through what has a prefix, from a key on, forwards.
func (h *byHand) prefixed(prefix, from []byte, visit func(rest, value []byte) (more bool, err error)) error {
	it := h.ldb.NewIterator(&util.Range{Start: from, Limit: upTo(prefix)}, nil)
	defer it.Release()
	for it.Next() {
		if more, err := visit(it.Key()[len(prefix):], it.Value()); err != nil || !more {
			return err
		}
	}
	return it.Error()
}

// upTo is the first key behind all that begin with a prefix.
func upTo(prefix []byte) []byte {
	end := bytes.Clone(prefix)
	for i := len(end) - 1; ; i-- {
		if end[i]++; end[i] != 0 {
			return end[:i+1]
		}
	}
}

func (h *byHand) PutAccounts(rows []*db.Account) error {
	sc := h.take()
	defer h.give(sc)
	for _, r := range rows {
		sc.key = append(append(sc.key[:0], 'a'), r.Account[:]...)
		sc.batch.Put(sc.key, r.Data)
	}
	return h.ldb.Write(&sc.batch, nil)
}

func (h *byHand) PutSlots(rows []*db.Slot) error {
	sc := h.take()
	defer h.give(sc)
	for _, r := range rows {
		sc.key = append(append(append(sc.key[:0], 's'), r.Account[:]...), r.Slot[:]...)
		sc.batch.Put(sc.key, r.Value)
	}
	return h.ldb.Write(&sc.batch, nil)
}

func (h *byHand) SlotsOf(account db.Hash, visit func(s *db.Slot)) error {
	prefix := append([]byte{'s'}, account[:]...)
	s := db.Slot{Account: account}
	var mem memory
	return h.prefixed(prefix, prefix, func(rest, value []byte) (bool, error) {
		copy(s.Slot[:], rest)
		s.Value = mem.copy(value)
		visit(&s)
		return true, nil
	})
}

func (h *byHand) InsertBlocks(rows []*db.Block) error {
	sc := h.take()
	defer h.give(sc)
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, r := range rows {
		sc.key = append(append(sc.key[:0], 'B'), r.Hash[:]...)
		if err := h.absent(sc.key); err != nil {
			return err
		}
		sc.value = binary.AppendUvarint(binary.AppendUvarint(binary.AppendUvarint(sc.value[:0], r.Number), uint64(r.File)), r.Offset)
		sc.put()
		sc.key = binary.BigEndian.AppendUint64(append(sc.key[:0], 'b'), r.Number)
		if err := h.absent(sc.key); err != nil {
			return err
		}
		sc.value = appendBlock(sc.value[:0], r)
		sc.put()
	}
	return h.ldb.Write(&sc.batch, nil)
}

func (h *byHand) absent(key []byte) error {
	there, err := h.ldb.Has(key, nil)
	if err == nil && there {
		err = errThere
	}
	return err
}

func (h *byHand) entryByHash(kind byte, hash db.Hash) ([]byte, error) {
	sc := h.take()
	defer h.pool.Put(sc)
	sc.key = append(append(sc.key[:0], kind), hash[:]...)
	return h.ldb.Get(sc.key, nil)
}

func (h *byHand) PlaceByHash(hash db.Hash) (file uint32, offset uint64, err error) {
	value, err := h.entryByHash('B', hash)
	if err != nil {
		return 0, 0, err
	}
	r := reader{b: value}
	r.uvarint()
	return uint32(r.uvarint()), r.uvarint(), r.err
}

func (h *byHand) BlockByHash(hash db.Hash) (*db.Block, error) {
	value, err := h.entryByHash('B', hash)
	if err != nil {
		return nil, err
	}
	r := reader{b: value}
	b := &db.Block{Number: r.uvarint()}
	sc := h.take()
	defer h.pool.Put(sc)
	sc.key = binary.BigEndian.AppendUint64(append(sc.key[:0], 'b'), b.Number)
	if value, err = h.ldb.Get(sc.key, nil); err != nil {
		return nil, err
	}
	return b, decodeBlock(value, b)
}

func (h *byHand) PutStates(rows []*db.State) error {
	sc := h.take()
	defer h.give(sc)
	for _, r := range rows {
		sc.key = append(appendName(append(sc.key[:0], 'v'), r.Namespace), r.Name...)
		sc.value = append(binary.AppendUvarint(binary.AppendUvarint(sc.value[:0], r.Block), uint64(r.Tx)), r.Value...)
		sc.put()
	}
	return h.ldb.Write(&sc.batch, nil)
}

func (h *byHand) States(namespace, from string, n int, visit func(s *db.State)) error {
	prefix := appendName([]byte{'v'}, namespace)
	s := db.State{Namespace: namespace}
	var mem memory
	return h.prefixed(prefix, append(slices.Clip(prefix), from...), func(rest, value []byte) (bool, error) {
		s.Name = textOf(mem.copy(rest))
		r := reader{b: mem.copy(value)}
		s.Block, s.Tx = r.uvarint(), uint32(r.uvarint())
		s.Value = r.b
		visit(&s)
		n--
		return n > 0, r.err
	})
}

func (h *byHand) PutHistory(rows []*db.Change) error {
	sc := h.take()
	defer h.give(sc)
	for _, r := range rows {
		sc.key = appendName(appendName(append(sc.key[:0], 'h'), r.Namespace), r.Name)
		sc.key = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint64(sc.key, r.Block), r.Tx)
		sc.mark()
	}
	return h.ldb.Write(&sc.batch, nil)
}

func (h *byHand) HistoryOf(namespace, name string, visit func(block uint64, tx uint32)) error {
	prefix := appendName(appendName([]byte{'h'}, namespace), name)
	it := h.ldb.NewIterator(&util.Range{Start: prefix, Limit: upTo(prefix)}, nil)
	defer it.Release()
	for more := it.Last(); more; more = it.Prev() {
		rest := it.Key()[len(prefix):]
		if len(rest) != 12 {
			return errCorrupt
		}
		visit(binary.BigEndian.Uint64(rest), binary.BigEndian.Uint32(rest[8:]))
	}
	return it.Error()
}

func appendTxKey(dst []byte, r *db.Tx) []byte {
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint64(dst, r.Height), r.Position)
}

func (h *byHand) InsertTxs(rows []*db.Tx) error {
	sc := h.take()
	defer h.give(sc)
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, r := range rows {
		sc.key = appendTxKey(append(sc.key[:0], 't'), r)
		if err := h.absent(sc.key); err != nil {
			return err
		}
		sc.value = appendTx(sc.value[:0], r)
		sc.put()
		sc.value = append(sc.value[:0], sc.key[1:]...)
		sc.key = append(append(sc.key[:0], 'T'), r.Hash[:]...)
		if err := h.absent(sc.key); err != nil {
			return err
		}
		sc.put()
		sc.key = appendTxKey(appendOrdered(append(sc.key[:0], 'm'), r.Amount), r)
		sc.mark()
		for _, a := range r.Attributes {
			sc.key = appendTxKey(appendName(append(sc.key[:0], 'A'), a), r)
			sc.mark()
		}
	}
	return h.ldb.Write(&sc.batch, nil)
}

func (h *byHand) Amounts(from int64, n int, visit func(amount int64, height uint64, position uint32)) error {
	return h.prefixed([]byte{'m'}, appendOrdered([]byte{'m'}, from), func(rest, _ []byte) (bool, error) {
		if len(rest) != 20 {
			return false, errCorrupt
		}
		visit(int64(binary.BigEndian.Uint64(rest)^1<<63), binary.BigEndian.Uint64(rest[8:]), binary.BigEndian.Uint32(rest[16:]))
		n--
		return n > 0, nil
	})
}

func (h *byHand) TxsWith(attribute string, n int, visit func(height uint64, position uint32)) error {
	prefix := appendName([]byte{'A'}, attribute)
	return h.prefixed(prefix, prefix, func(rest, _ []byte) (bool, error) {
		if len(rest) != 12 {
			return false, errCorrupt
		}
		visit(binary.BigEndian.Uint64(rest), binary.BigEndian.Uint32(rest[8:]))
		n--
		return n > 0, nil
	})
}

func appendFileKey(dst []byte, device uint32, name string) []byte {
	return append(binary.BigEndian.AppendUint32(dst, device), name...)
}

func (h *byHand) PutFiles(rows []*db.File) error {
	sc := h.take()
	defer h.give(sc)
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, r := range rows {
		sc.key = appendFileKey(append(sc.key[:0], 'f'), r.Device, r.Name)
		old, err := h.ldb.Get(sc.key, nil)
		if err != nil && !errors.Is(err, leveldb.ErrNotFound) {
			return err
		}
		sc.value = appendFile(sc.value[:0], r)
		sc.put()
		was, err := headOf(old)
		if err != nil {
			return err
		}
		if was.needed && !r.Needed {
			sc.key = appendFileKey(append(sc.key[:0], 'n'), r.Device, r.Name)
			sc.delete()
		}
		if r.Needed && !(was.needed && was.size == r.Size) {
			sc.key = appendFileKey(append(sc.key[:0], 'n'), r.Device, r.Name)
			sc.value = binary.AppendVarint(sc.value[:0], r.Size)
			sc.put()
		}
		for b := range was.blocks() {
			if !slices.Contains(r.Blocks, b) {
				sc.key = appendFileKey(append(append(sc.key[:0], 'F'), b[:]...), r.Device, r.Name)
				sc.delete()
			}
		}
		for _, b := range r.Blocks {
			if !was.has(b) {
				sc.key = appendFileKey(append(append(sc.key[:0], 'F'), b[:]...), r.Device, r.Name)
				sc.mark()
			}
		}
	}
	return h.ldb.Write(&sc.batch, nil)
}

func (h *byHand) WhoHas(block db.Hash, visit func(device uint32, name string)) error {
	prefix := append([]byte{'F'}, block[:]...)
	var mem memory
	return h.prefixed(prefix, prefix, func(rest, _ []byte) (bool, error) {
		if len(rest) < 4 {
			return false, errCorrupt
		}
		visit(binary.BigEndian.Uint32(rest), textOf(mem.copy(rest[4:])))
		return true, nil
	})
}

func (h *byHand) Needed(device uint32, n int, visit func(name string, size int64)) error {
	prefix := appendFileKey([]byte{'n'}, device, "")
	var mem memory
	return h.prefixed(prefix, prefix, func(rest, value []byte) (bool, error) {
		size, read := binary.Varint(value)
		if read <= 0 {
			return false, errCorrupt
		}
		visit(textOf(mem.copy(rest)), size)
		n--
		return n > 0, nil
	})
}

func appendNumber(dst []byte, n uint64) []byte { return binary.BigEndian.AppendUint64(dst, n) }

func appendOpenKey(dst []byte, at time.Time, number uint64) []byte {
	return appendNumber(appendOrdered(append(dst, 'o'), at.UnixNano()), number)
}

func (h *byHand) InsertInvoices(rows []*db.Invoice) error {
	sc := h.take()
	defer h.give(sc)
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, r := range rows {
		sc.key = append(append(sc.key[:0], 'I'), r.Hash[:]...)
		if err := h.absent(sc.key); err != nil {
			return err
		}
		sc.value = appendNumber(sc.value[:0], r.Number)
		sc.put()
		sc.key = appendNumber(append(sc.key[:0], 'i'), r.Number)
		if err := h.absent(sc.key); err != nil {
			return err
		}
		sc.value = appendInvoice(sc.value[:0], r)
		sc.put()
		if !r.Settled {
			sc.key = appendOpenKey(sc.key[:0], r.AddedAt, r.Number)
			sc.mark()
		}
	}
	return h.ldb.Write(&sc.batch, nil)
}

// invoice reads the invoice of a number.
func (h *byHand) invoice(number uint64) (*db.Invoice, error) {
	sc := h.take()
	defer h.pool.Put(sc)
	sc.key = appendNumber(append(sc.key[:0], 'i'), number)
	value, err := h.ldb.Get(sc.key, nil)
	if err != nil {
		return nil, err
	}
	i := &db.Invoice{Number: number}
	return i, decodeInvoice(value, i)
}

func (h *byHand) InvoiceByHash(hash db.Hash) (*db.Invoice, error) {
	value, err := h.entryByHash('I', hash)
	if err != nil {
		return nil, err
	}
	if len(value) != 8 {
		return nil, errCorrupt
	}
	return h.invoice(binary.BigEndian.Uint64(value))
}

func (h *byHand) Settle(number uint64, settled bool) error {
	sc := h.take()
	defer h.give(sc)
	h.mu.Lock()
	defer h.mu.Unlock()
	i, err := h.invoice(number)
	if err != nil {
		return err
	}
	if i.Settled != settled {
		sc.key = appendOpenKey(sc.key[:0], i.AddedAt, number)
		if settled {
			sc.delete()
		} else {
			sc.mark()
		}
	}
	i.Settled = settled
	sc.key = appendNumber(append(sc.key[:0], 'i'), number)
	sc.value = appendInvoice(sc.value[:0], i)
	sc.put()
	return h.ldb.Write(&sc.batch, nil)
}

func (h *byHand) Open(n int, visit func(i *db.Invoice)) error {
	it := h.ldb.NewIterator(util.BytesPrefix([]byte{'o'}), nil)
	defer it.Release()
	for n > 0 && it.Next() {
		if len(it.Key()) != 17 {
			return errCorrupt
		}
		i, err := h.invoice(binary.BigEndian.Uint64(it.Key()[9:]))
		if err != nil {
			return err
		}
		visit(i)
		n--
	}
	return it.Error()
}

func (h *byHand) PutForwards(rows []*db.Forward) error {
	sc := h.take()
	defer h.give(sc)
	for _, r := range rows {
		sc.key = appendNumber(appendOrdered(append(sc.key[:0], 'w'), r.At.UnixNano()), r.Incoming)
		sc.value = binary.AppendUvarint(binary.AppendUvarint(binary.AppendUvarint(sc.value[:0], r.Outgoing), r.AmountIn), r.AmountOut)
		sc.put()
	}
	return h.ldb.Write(&sc.batch, nil)
}

func (h *byHand) Forwards(from, before time.Time, visit func(f *db.Forward)) error {
	it := h.ldb.NewIterator(&util.Range{Start: appendOrdered([]byte{'w'}, from.UnixNano()), Limit: appendOrdered([]byte{'w'}, before.UnixNano())}, nil)
	defer it.Release()
	var f db.Forward
	for it.Next() {
		key := it.Key()
		if len(key) != 17 {
			return errCorrupt
		}
		f.At = time.Unix(0, int64(binary.BigEndian.Uint64(key[1:])^1<<63)).UTC()
		f.Incoming = binary.BigEndian.Uint64(key[9:])
		r := reader{b: it.Value()}
		if f.Outgoing, f.AmountIn, f.AmountOut = r.uvarint(), r.uvarint(), r.uvarint(); r.err != nil {
			return r.err
		}
		visit(&f)
	}
	return it.Error()
}

func (h *byHand) PutEdges(rows []*db.Edge) error {
	sc := h.take()
	defer h.give(sc)
	for _, r := range rows {
		sc.key = appendNumber(append(append(sc.key[:0], 'e'), r.Node[:]...), r.Channel)
		sc.value = appendEdge(sc.value[:0], r)
		sc.put()
	}
	return h.ldb.Write(&sc.batch, nil)
}

func (h *byHand) EdgesOf(node db.Node, visit func(e *db.Edge)) error {
	prefix := append([]byte{'e'}, node[:]...)
	e := db.Edge{Node: node}
	var mem memory
	return h.prefixed(prefix, prefix, func(rest, value []byte) (bool, error) {
		if len(rest) != 8 {
			return false, errCorrupt
		}
		e.Channel = binary.BigEndian.Uint64(rest)
		if err := decodeEdge(mem.copy(value), &e); err != nil {
			return false, err
		}
		visit(&e)
		return true, nil
	})
}

func (h *byHand) Rest() error  { return h.ldb.CompactRange(util.Range{}) }
func (h *byHand) Close() error { return h.ldb.Close() }
