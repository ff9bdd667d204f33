package leveldb

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/syndtr/goleveldb/leveldb/storage"
)

// A journal, and a manifest, is a row of blocks of 32 KiB. A block holds chunks,
// one behind the other, and less than a header of zeros at its end. A chunk is
//
//	checksum  4 bytes, little endian: CRC-32C of type and payload, masked
//	length    2 bytes, little endian: of the payload
//	type      1 byte: full, or the first, a middle or the last piece of a record
//	payload
//
// A record of a journal is a commit. It begins with the sequence number of its
// first operation (8 bytes, little endian) and the number of its operations (4
// bytes), and the next record goes on where it ends.
const (
	blockSize  = 32 << 10
	headerSize = 7

	chunkFull   = 1
	chunkFirst  = 2
	chunkMiddle = 3
	chunkLast   = 4

	// sectorSize is what a device writes whole or not at all.
	sectorSize = 512

	batchHeaderSize = 12
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// chunkSum is the checksum of a chunk's type and payload as it is stored.
func chunkSum(b []byte) uint32 {
	c := crc32.Checksum(b, castagnoli)
	return (c>>15 | c<<17) + 0xa282ead8
}

// damage is a position in a journal or manifest that a crash does not explain.
type damage struct {
	fd     storage.FileDesc
	offset int64
	behind int64 // bytes from there to the end of the file
	reason string
	fix    string
}

// Error implements error.
func (d *damage) Error() string {
	return fmt.Sprintf("%s is damaged at byte %d, with %d bytes from there to its end: %s; %s",
		d.fd, d.offset, d.behind, d.reason, d.fix)
}

// Is makes errors.Is(err, engine.ErrCorrupt) hold.
func (d *damage) Is(target error) bool { return target == engine.ErrCorrupt }

// extent is what a scan of a journal has found: what of it may be read.
type extent struct {
	end   int64 // behind the last whole record before a torn or damaged one
	size  int64
	seq   uint64 // of the first operation; 0 where there is no record
	next  uint64 // the sequence number behind the last operation
	wrong *damage
}

// scanner finds the whole records at the beginning of a journal or manifest.
type scanner struct {
	fd       storage.FileDesc
	r        io.Reader
	block    [blockSize]byte
	n        int   // bytes of the block that are there
	base     int64 // where the block is in the file
	ext      extent
	record   int64  // where the record under way began; -1 between records
	head     []byte // the beginning of its payload
	headRoom [batchHeaderSize]byte
}

// scan reads a journal or manifest through. Nothing behind the extent's end is
// to be read. The error is one of reading.
//
// The end of a journal may be torn: a crash leaves the last records written in
// part, with missing sectors, which read as zeros or end the file. What a crash
// does not explain is damage: a bad chunk that is there to its last sector, or
// that has another record behind it.
func scan(fd storage.FileDesc, r io.Reader) (extent, error) {
	s := &scanner{fd: fd, r: r, record: -1}
	for {
		more, err := s.fill()
		if err != nil {
			return extent{}, err
		}
		if !more {
			return s.ext, nil // a record under way is torn: its end was not written
		}
		at, why := s.check()
		if why == "" {
			continue
		}
		if err := s.judge(at, why); err != nil {
			return extent{}, err
		}
		return s.ext, nil
	}
}

// fill reads the next block. It reports whether there is one.
func (s *scanner) fill() (bool, error) {
	s.base = s.ext.size
	n, err := io.ReadFull(s.r, s.block[:])
	s.n = n
	s.ext.size += int64(n)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil
	}
	return n > 0, err
}

// chunk returns the type and payload of the chunk at an offset in the block, or
// what is wrong with it.
func (s *scanner) chunk(at int) (kind byte, payload []byte, why string) {
	kind = s.block[at+6]
	if kind < chunkFull || kind > chunkLast {
		return 0, nil, "no chunk begins there"
	}
	end := at + headerSize + int(binary.LittleEndian.Uint16(s.block[at+4:]))
	if end > s.n {
		return 0, nil, "a chunk goes beyond the end"
	}
	if chunkSum(s.block[at+6:end]) != binary.LittleEndian.Uint32(s.block[at:]) {
		return 0, nil, "a chunk does not match its checksum"
	}
	return kind, s.block[at+headerSize : end], ""
}

// check goes through the chunks of a block. It returns the offset of the first bad one, with
// what is wrong there.
func (s *scanner) check() (at int, why string) {
	for at+headerSize <= s.n {
		kind, payload, why := s.chunk(at)
		if why != "" {
			return at, why
		}
		if begins := kind == chunkFull || kind == chunkFirst; begins != (s.record < 0) {
			if begins {
				return at, "a record begins inside of another"
			}
			return at, "a piece of a record has no beginning"
		}
		if s.record < 0 {
			s.record = s.base + int64(at)
			s.head = s.headRoom[:0]
		}
		s.head = append(s.head, payload[:min(len(payload), batchHeaderSize-len(s.head))]...)
		if kind == chunkFull || kind == chunkLast {
			if why := s.sequence(); why != "" {
				return at, why
			}
			s.ext.end = s.base + int64(at+headerSize+len(payload))
			s.record = -1
		}
		at += headerSize + len(payload)
	}
	return 0, ""
}

// sequence checks that a commit goes on where the one before it ended.
func (s *scanner) sequence() (why string) {
	if s.fd.Type != storage.TypeJournal {
		return ""
	}
	if len(s.head) < batchHeaderSize {
		return "a record is too short for a commit"
	}
	seq := binary.LittleEndian.Uint64(s.head)
	if s.ext.next != 0 && seq != s.ext.next {
		return fmt.Sprintf("commits are missing: expected number %d, found %d", s.ext.next, seq)
	}
	if s.ext.seq == 0 {
		s.ext.seq = seq
	}
	s.ext.next = seq + uint64(binary.LittleEndian.Uint32(s.head[8:]))
	return ""
}

// judge decides whether a bad chunk is a torn end or damage, and reads the file
// to its end.
func (s *scanner) judge(at int, why string) error {
	offset := s.base + int64(at)
	_, _, bad := s.chunk(at)
	var cut, hole bool
	if bad != "" {
		cut, hole = s.torn(at)
	}
	damaged := bad == "" // a good chunk where it does not belong
	piece := false
	from := at + 1
	for {
		for i := from; i+headerSize <= s.n; i++ {
			kind, _, bad := s.chunk(i)
			if bad != "" {
				continue
			}
			if kind == chunkFull || kind == chunkFirst {
				damaged = true
				break
			}
			piece = true
		}
		more, err := s.fill()
		if err != nil {
			return err
		}
		if !more {
			break
		}
		from = 0
		if damaged {
			from = blockSize // only the size is still wanted
		}
	}
	switch {
	case damaged:
		why += ", and there are commits behind it"
	case hole, cut && !piece:
		return nil
	case piece:
		why += ", and its record goes on behind it"
	}
	s.ext.wrong = &damage{fd: s.fd, offset: offset, behind: s.ext.size - offset, reason: why}
	return nil
}

// torn reports whether the bad chunk at an offset in the block may be one whose
// write a crash has cut off: the file ends in it, or it has a hole, a sector that
// was never written.
func (s *scanner) torn(at int) (cut, hole bool) {
	rest := s.block[at:s.n]
	end := headerSize + int(binary.LittleEndian.Uint16(rest[4:]))
	switch {
	case end <= len(rest):
		rest = rest[:end]
	case s.n < blockSize && at+end <= blockSize && rest[6] >= chunkFull && rest[6] <= chunkLast:
		// Unless all of it is there, and it is the length that is wrong.
		return chunkSum(rest[6:]) != binary.LittleEndian.Uint32(rest), false
	}
	for len(rest) > 0 {
		n := min(sectorSize-at%sectorSize, len(rest))
		if len(bytes.TrimLeft(rest[:n], "\x00")) == 0 {
			return false, true
		}
		rest = rest[n:]
		at += n
	}
	return false, false
}
