package admin

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/records"
	"github.com/storegen/storegen/runtime/internal/txn"
)

// A backup is a stream of:
//
//	16 bytes             backupMagic
//	blocks               each: length as 4 bytes, big endian; that many bytes; their CRC-32C as 4 bytes
//	an empty block       the length 0, and nothing behind it
//	8 bytes              the number of pairs
//	32 bytes             SHA-256 of all before it
//
// A block holds pairs: length of the key as varint, the key, length of the value
// as varint, the value. Keys come in order. It is the same for every engine.
const backupMagic = "storegen backup\x01"

// backupBlock is the size at which a block is closed.
const backupBlock = 64 << 10

// Backup writes all of the database, as it is now, to w as one stream that
// Restore reads, whatever the engine. Writes go on meanwhile and are not in it.
func Backup(ctx context.Context, of Database, w io.Writer) error {
	db := of.Internal()
	snap, err := db.Eng.Snapshot(ctx)
	if err != nil {
		return err
	}
	return errors.Join(writeBackup(ctx, snap, w), snap.Close())
}

func writeBackup(ctx context.Context, r engine.Reader, to io.Writer) error {
	sum := sha256.New()
	w := bufio.NewWriterSize(io.MultiWriter(to, sum), backupBlock)
	if _, err := w.WriteString(backupMagic); err != nil {
		return err
	}
	it := r.Iterate(ctx, engine.Range{})
	defer it.Close()
	var block []byte
	count := uint64(0)
	flush := func() error {
		if len(block) == 0 {
			return ctx.Err()
		}
		head := binary.BigEndian.AppendUint32(nil, uint32(len(block)))
		block = binary.BigEndian.AppendUint32(block, crc32.Checksum(block, records.Castagnoli))
		_, err := w.Write(head)
		if err == nil {
			_, err = w.Write(block)
		}
		block = block[:0]
		return errors.Join(err, ctx.Err())
	}
	for it.Next() {
		count++
		block = binary.AppendUvarint(block, uint64(len(it.Key())))
		block = append(block, it.Key()...)
		block = binary.AppendUvarint(block, uint64(len(it.Value())))
		block = append(block, it.Value()...)
		if len(block) >= backupBlock {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := errors.Join(it.Close(), flush()); err != nil {
		return err
	}
	if _, err := w.Write(binary.BigEndian.AppendUint64(make([]byte, 4), count)); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := to.Write(sum.Sum(nil))
	return err
}

// Restore reads a backup into an engine, which must be empty, and which Open
// then opens. A stream that is cut, altered or no backup is ErrBackup, and
// leaves the engine empty; so does any other error. Should the process end in
// between, the engine holds keys but no catalog, which Open refuses.
func Restore(ctx context.Context, eng engine.Engine, r io.Reader) error {
	it := eng.Iterate(ctx, engine.Range{KeysOnly: true, Limit: 1})
	found := it.Next()
	if err := it.Close(); err != nil {
		return err
	}
	if found {
		return fmt.Errorf("%w: a backup is restored into an empty engine, and this one holds keys", engine.ErrInvalid)
	}
	err := restore(ctx, eng, r)
	if err == nil {
		return nil
	}
	// The context may be what ended it: the engine is emptied all the same.
	return errors.Join(err, empty(context.WithoutCancel(ctx), eng))
}

func restore(ctx context.Context, eng engine.Engine, from io.Reader) error {
	s := &backupReader{r: bufio.NewReaderSize(from, backupBlock), sum: sha256.New()}
	magic := make([]byte, len(backupMagic))
	if err := s.full(magic); err != nil {
		return err
	}
	if string(magic) != backupMagic {
		return fmt.Errorf("%w: it does not begin as one does", errs.ErrBackup)
	}
	pairs := &backupPairs{from: s}
	var err error
	if in, ok := eng.(engine.Ingester); ok && !eng.Shared() {
		err = in.Ingest(ctx, pairs)
	} else {
		err = writePairs(ctx, eng, pairs)
	}
	if err != nil {
		return err
	}
	if pairs.header == nil {
		return fmt.Errorf("%w: it holds no catalog", errs.ErrBackup)
	}
	batch := eng.NewBatch()
	batch.Put(records.CatalogKey(records.CatalogHeader), pairs.header)
	return eng.Write(ctx, batch, engine.WriteOptions{Sync: true})
}

// writePairs writes pairs in batches.
func writePairs(ctx context.Context, eng engine.Engine, pairs engine.Iterator) error {
	batch := eng.NewBatch()
	for pairs.Next() {
		size := len(pairs.Key()) + len(pairs.Value())
		if batch.Size() >= backupBlock || full(eng, batch, size) {
			if err := write(ctx, eng, batch); err != nil {
				return err
			}
		}
		batch.Put(pairs.Key(), pairs.Value())
	}
	if err := pairs.Err(); err != nil {
		return err
	}
	return write(ctx, eng, batch)
}

// backupPairs is the pairs of a backup. It keeps back what makes an engine a database, to be
// written last.
type backupPairs struct {
	from       *backupReader
	block      []byte // the rest of it
	key, value []byte
	last       []byte // the key before
	count      uint64
	header     []byte
	ended      bool
	err        error
}

func (p *backupPairs) Next() bool {
	for p.err == nil && !p.ended {
		if len(p.block) == 0 {
			p.block, p.err = p.from.block()
			if p.err == nil && p.block == nil {
				p.ended, p.err = true, p.from.end(p.count)
			}
			continue
		}
		if p.key, p.block, p.err = pairPart(p.block); p.err == nil {
			p.value, p.block, p.err = pairPart(p.block)
		}
		if p.err == nil && bytes.Compare(p.key, p.last) <= 0 {
			p.err = fmt.Errorf("%w: keys out of order", errs.ErrBackup)
		}
		if p.err != nil {
			break
		}
		p.last = append(p.last[:0], p.key...) // the key is in a block, which the next one replaces
		p.count++
		if !bytes.Equal(p.key, records.CatalogKey(records.CatalogHeader)) {
			return true
		}
		p.header = bytes.Clone(p.value)
	}
	return false
}

func (p *backupPairs) Key() []byte   { return p.key }
func (p *backupPairs) Value() []byte { return p.value }
func (p *backupPairs) Err() error    { return p.err }
func (p *backupPairs) Close() error  { return p.err }

// backupReader reads the parts of a backup and sums them up.
type backupReader struct {
	r   io.Reader
	sum hash.Hash
	buf []byte
}

func (s *backupReader) full(b []byte) error {
	_, err := io.ReadFull(s.r, b)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: it is cut short", errs.ErrBackup)
	}
	s.sum.Write(b)
	return err
}

// block returns the pairs of the next block, nil at the end of all.
func (s *backupReader) block() ([]byte, error) {
	var head [4]byte
	if err := s.full(head[:]); err != nil {
		return nil, err
	}
	n := int(binary.BigEndian.Uint32(head[:]))
	if n == 0 {
		return nil, nil
	}
	// The length is not to be believed before its bytes have come: memory grows
	// with what is read.
	s.buf = s.buf[:0]
	for want := n + 4; want > 0; {
		step := min(want, 1<<20)
		at := len(s.buf)
		s.buf = append(s.buf, make([]byte, step)...)
		if err := s.full(s.buf[at:]); err != nil {
			return nil, err
		}
		want -= step
	}
	block := s.buf[:n]
	if crc32.Checksum(block, records.Castagnoli) != binary.BigEndian.Uint32(s.buf[n:]) {
		return nil, fmt.Errorf("%w: a checksum does not match", errs.ErrBackup)
	}
	return block, nil
}

// end checks what stands behind the blocks.
func (s *backupReader) end(count uint64) error {
	var n [8]byte
	if err := s.full(n[:]); err != nil {
		return err
	}
	want := s.sum.Sum(nil)
	sum := make([]byte, sha256.Size)
	if err := s.full(sum); err != nil {
		return err
	}
	if binary.BigEndian.Uint64(n[:]) != count || !bytes.Equal(sum, want) {
		return fmt.Errorf("%w: its sum does not match", errs.ErrBackup)
	}
	if _, err := io.ReadFull(s.r, n[:1]); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: something stands behind its end", errs.ErrBackup)
	}
	return nil
}

func pairPart(b []byte) (part, rest []byte, err error) {
	n, size := binary.Uvarint(b)
	if size <= 0 || n > uint64(len(b)-size) {
		return nil, nil, fmt.Errorf("%w: a pair is cut short", errs.ErrBackup)
	}
	end := size + int(n)
	return b[size:end], b[end:], nil
}

// empty removes all keys of an engine. Each batch begins behind the one before: to look from
// the first key on would read all deletions again, in time that grows with their square.
func empty(ctx context.Context, eng engine.Engine) error {
	batch := eng.NewBatch()
	var start, last []byte
	for {
		it := eng.Iterate(ctx, engine.Range{Start: start, KeysOnly: true, Limit: txn.BatchRows})
		batch.Reset()
		for batch.Len() < txn.BatchRows && it.Next() && !full(eng, batch, len(it.Key())) {
			batch.Delete(it.Key())
			last = append(last[:0], it.Key()...)
		}
		start = append(bytes.Clone(last), 0)
		if err := it.Close(); err != nil || batch.Len() == 0 {
			return err
		}
		if err := eng.Write(ctx, batch, engine.WriteOptions{}); err != nil {
			return err
		}
	}
}

// full reports whether a batch has no room for another write of that many bytes, by the
// engine's limits.
func full(eng engine.Engine, b engine.Batch, size int) bool {
	l := eng.Limits()
	return b.Len() > 0 && (l.MaxTxOps > 0 && b.Len() >= l.MaxTxOps || l.MaxTxBytes > 0 && b.Size()+size > l.MaxTxBytes)
}

// write writes a batch, which is empty then.
func write(ctx context.Context, eng engine.Engine, b engine.Batch) error {
	err := eng.Write(ctx, b, engine.WriteOptions{})
	b.Reset()
	return err
}
