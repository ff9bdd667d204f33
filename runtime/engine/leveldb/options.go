package leveldb

import (
	"errors"
	"fmt"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/occ"
	"github.com/syndtr/goleveldb/leveldb/filter"
	"github.com/syndtr/goleveldb/leveldb/opt"
)

// Options are the settings of a database. The zero value, and nil, stand for the
// defaults, which suit most. They may differ from one opening to the next: none
// changes what is stored already.
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

	// SeekCompaction has goleveldb count how often reads look into a table in vain, and
	// merge the tables where that is often. Tables are merged by their sizes in any case,
	// and most looks in vain end at a filter, so reads gain nothing that could be measured:
	// 600,000 rows of 166 bytes, read and overwritten in a ratio of 4 to 1, take 17 % more
	// processor time with it and write 1.8 times as much. Scans of tables that were just
	// written take an eighth less or better, as fewer of them overlap.
	SeekCompaction bool

	// ReadOnly opens an existing database for reading: writes return
	// engine.ErrReadOnly.
	ReadOnly bool

	// MustExist makes opening a database that is not there an error, instead of
	// creating it.
	MustExist bool

	// TruncateDamagedJournal opens a database whose journal is damaged, as far as
	// the last commit before the damage: a state that once was. The commits
	// behind it are lost for good, so keep a copy of the directory. Without this
	// such a database does not open.
	//
	// To find out, the journals are read through before they are replayed. That
	// costs 0.2 ms for each MiB of commits of 10 kB, and 0.5 ms of commits of 100
	// bytes (BenchmarkScan); there are about two write buffers of them at most.
	TruncateDamagedJournal bool

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

// limits are what a journal record and a table block hold without trouble.
var limits = engine.Limits{MaxKey: 64 << 10, MaxValue: 256 << 20}

// withDefaults returns the options with every default filled in, or all that is
// wrong with them.
func (o *Options) withDefaults() (Options, error) {
	var r Options
	if o != nil {
		r = *o
	}
	var errs []error
	fill := func(name string, v *int, def, least int) {
		switch {
		case *v == 0:
			*v = def
		case *v < least:
			errs = append(errs, fmt.Errorf("%s is %d, it must be at least %d, or 0 for the default of %d", name, *v, least, def))
		}
	}
	fill("BlockSize", &r.BlockSize, DefaultBlockSize, 1<<10)
	fill("WriteBuffer", &r.WriteBuffer, DefaultWriteBuffer, 64<<10)
	fill("OpenFiles", &r.OpenFiles, DefaultOpenFiles, 16)
	fill("LogBytes", &r.LogBytes, DefaultLogBytes, 1<<10)
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
		return r, fmt.Errorf("leveldb options: %w: %w", engine.ErrInvalid, errors.Join(errs...))
	}
	return r, nil
}

// level returns goleveldb's form of options that have their defaults.
func (o Options) level() *opt.Options {
	l := &opt.Options{
		BlockCacheCapacity:     o.BlockCache,
		BlockSize:              o.BlockSize,
		WriteBuffer:            o.WriteBuffer,
		OpenFilesCacheCapacity: o.OpenFiles,
		ReadOnly:               o.ReadOnly,
		ErrorIfMissing:         o.MustExist || o.ReadOnly,

		// Where seeks are counted, iterators take no part: adding up the bytes of each
		// pair that they pass is a tenth of a scan.
		DisableSeeksCompaction: !o.SeekCompaction,
		IteratorSamplingRate:   -1,

		// Every commit goes through the journal, however large, so that there is
		// one way in which it can fail.
		DisableLargeBatchTransaction: true,

		// The checksum of every block and journal chunk is verified, and what is
		// corrupt ends the read, the compaction or the opening. The end of a journal
		// that a crash has torn is not read at all: see guarded.
		Strict: opt.StrictJournalChecksum | opt.StrictJournal | opt.StrictManifest |
			opt.StrictBlockChecksum | opt.StrictCompaction | opt.StrictReader,
	}
	if o.BlockCache < 0 {
		l.DisableBlockCache = true
	}
	if o.BloomBits > 0 {
		l.Filter = filter.NewBloomFilter(o.BloomBits)
	}
	if o.NoCompression {
		l.Compression = opt.NoCompression
	}
	return l
}

// occ returns the settings of the concurrency control.
func (o Options) occ() occ.Options {
	return occ.Options{
		Limits: limits, LogBytes: o.LogBytes,
		// goleveldb has one buffer for the keys of a batch, and a new one where the next
		// key does not fit into it.
		LongestFirst: true,
	}
}
