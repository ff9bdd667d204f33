package pebble

import (
	"errors"
	"fmt"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/occ"
)

// Options are the settings of a database. The zero value, and nil, stand for the
// defaults, which suit most, and are those of the leveldb engine. They may differ from
// one opening to the next: none changes what is stored already.
type Options struct {
	// BlockCache is how many bytes of uncompressed table blocks are kept in
	// memory. Reads are fastest when the working set fits. Default 64 MiB; a
	// negative value turns the cache off.
	BlockCache int

	// BlockSize is how many bytes of pairs make a block, the unit of reading,
	// checking and compressing. Small blocks read less for a single pair, large
	// ones compress better and need fewer index entries. Default 16 KiB, at
	// least 1 KiB.
	BlockSize int

	// WriteBuffer is how many bytes of new pairs are collected in memory, and in
	// the journal, before they become a table. Up to two buffers are in memory
	// at once. A large one writes fewer tables; opening after a crash reads up
	// to that much of the journal. Default 16 MiB, at least 64 KiB.
	WriteBuffer int

	// BloomBits is how many bits a key has in the filter that tells whether a
	// table can hold it. 10 bits are wrong for 1 key in 100. Default 10; a
	// negative value writes tables without a filter.
	BloomBits int

	// OpenFiles is how many table files are kept open. Default 500, at least 16.
	OpenFiles int

	// NoCompression stores blocks as they are, instead of compressed with
	// snappy.
	NoCompression bool

	// SeekCompaction has pebble look at what reads go through, and merge tables in which
	// many have looked in vain. Tables are merged by their sizes in any case: 500,000 rows
	// of 150 bytes, just written, read, scanned and overwritten, took as much processor
	// time with it as without, and a Get by itself takes 2 to 4 % more.
	SeekCompaction bool

	// ReadOnly opens an existing database for reading: writes return
	// engine.ErrReadOnly. One whose process has ended without Close may have to be
	// opened for writing first, which the error says.
	ReadOnly bool

	// MustExist makes opening a database that is not there an error, instead of
	// creating it.
	MustExist bool

	// LogBytes bounds the memory, in bytes, in which recent commits are kept for
	// running transactions to check against. Default 64 MiB.
	LogBytes int
}

// Defaults of Options.
const (
	DefaultBlockCache  = 64 << 20
	DefaultBlockSize   = 16 << 10
	DefaultWriteBuffer = 16 << 20
	DefaultBloomBits   = 10
	DefaultOpenFiles   = 500
	DefaultLogBytes    = 64 << 20
)

// format is the version of pebble's files that is written. Its tables have a checksum in
// the footer, and its journals tell damage from an end that was torn. It is not pebble's
// newest, which a later pebble may define anew.
const format = pebble.FormatTableFormatV6

// rangeDelay is how long the deletion of a range may stay in memory.
const rangeDelay = 10 * time.Second

// limits are those of the leveldb engine, so that what one holds the other does too.
var limits = engine.Limits{MaxKey: 64 << 10, MaxValue: 256 << 20}

// withDefaults returns the options with every default filled in, or all that is
// wrong with them.
func (o *Options) withDefaults() (Options, error) {
	var r Options
	if o != nil {
		r = *o
	}
	var errs []error
	for _, f := range []struct {
		name       string
		v          *int
		def, least int
	}{
		{"BlockSize", &r.BlockSize, DefaultBlockSize, 1 << 10},
		{"WriteBuffer", &r.WriteBuffer, DefaultWriteBuffer, 64 << 10},
		{"OpenFiles", &r.OpenFiles, DefaultOpenFiles, 16},
		{"LogBytes", &r.LogBytes, DefaultLogBytes, 1 << 10},
	} {
		if *f.v == 0 {
			*f.v = f.def
		} else if *f.v < f.least {
			errs = append(errs, fmt.Errorf("%s is %d, it must be at least %d, or 0 for the default of %d", f.name, *f.v, f.least, f.def))
		}
	}
	if r.BlockCache == 0 {
		r.BlockCache = DefaultBlockCache
	}
	if r.BloomBits == 0 {
		r.BloomBits = DefaultBloomBits
	}
	if r.BloomBits > 64 {
		errs = append(errs, fmt.Errorf("BloomBits is %d, it must be at most 64, or 0 for the default of %d", r.BloomBits, DefaultBloomBits))
	}
	if len(errs) > 0 {
		return r, fmt.Errorf("pebble options: %w: %w", engine.ErrInvalid, errors.Join(errs...))
	}
	return r, nil
}

// pebble returns pebble's form of options that have their defaults.
func (o Options) pebble() *pebble.Options {
	p := &pebble.Options{
		// A range that is deleted frees no disk space before it is in a table.
		FlushDelayDeleteRange: rangeDelay,
		// Pebble takes the room of the write buffers off that of the cache.
		Cache:              pebble.NewCache(int64(max(o.BlockCache, 0) + 2*o.WriteBuffer)),
		MemTableSize:       uint64(o.WriteBuffer),
		MaxOpenFiles:       o.OpenFiles,
		ReadOnly:           o.ReadOnly,
		ErrorIfNotExists:   o.MustExist || o.ReadOnly,
		FormatMajorVersion: format,
	}
	if !o.SeekCompaction {
		p.Experimental.ReadSamplingMultiplier = -1
	}
	for i := range p.Levels {
		p.Levels[i].BlockSize = o.BlockSize
		if o.BloomBits > 0 {
			p.Levels[i].FilterPolicy = bloom.FilterPolicy(o.BloomBits)
		}
	}
	if o.NoCompression {
		p.ApplyCompressionSettings(func() pebble.DBCompressionSettings { return pebble.DBCompressionNone })
	}
	return p
}

// occ returns the settings of the concurrency control.
func (o Options) occ() occ.Options { return occ.Options{Limits: limits, LogBytes: o.LogBytes} }
