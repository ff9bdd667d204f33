package leveldb

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/syndtr/goleveldb/leveldb/journal"
	"github.com/syndtr/goleveldb/leveldb/storage"
)

// A record of a manifest is an edit: fields, each a number that says which (a
// varint) and what belongs to it.
const (
	fieldComparer    = 1 // bytes
	fieldJournal     = 2 // the oldest journal that counts
	fieldNextFile    = 3 // the next number for a file
	fieldSeq         = 4 // the last commit that is in tables
	fieldCompaction  = 5 // level, key: where compactions go on
	fieldDelete      = 6 // level, number: a table that no longer counts
	fieldAdd         = 7 // level, number, size, first key, last key: one that does
	fieldPrevJournal = 9 // of other writers: always 0
)

// version is the state of a database that the edits of a manifest add up to.
type version struct {
	edits    int
	comparer bool
	journal  int64  // the oldest journal that counts, 0 if there is none yet
	seq      uint64 // the last commit that is in tables
	tables   map[int64]tableFile
}

// tableFile is a table that counts.
type tableFile struct {
	level uint64
	size  int64
}

// readVersion reads the edits of a manifest up to its end.
func readVersion(r storage.Reader, end int64) (version, error) {
	v := version{tables: map[int64]tableFile{}}
	from, err := cutAt(r, end)
	if err != nil {
		return v, err
	}
	recs := journal.NewReader(from, nil, true, true)
	for {
		rec, err := recs.Next()
		if err == io.EOF {
			return v, nil
		}
		if err != nil {
			return v, err
		}
		b, err := io.ReadAll(rec)
		if err != nil {
			return v, err
		}
		if err := v.apply(b); err != nil {
			return v, fmt.Errorf("edit %d: %w", v.edits, err)
		}
		v.edits++
	}
}

// apply changes the state by an edit. Deletions come before additions, wherever
// they stand: a table that changes its level is deleted and added.
func (v *version) apply(edit []byte) error {
	d := &editReader{rest: edit}
	added := map[int64]tableFile{}
	for len(d.rest) > 0 && d.err == nil {
		switch field := d.uvarint(); field {
		case fieldComparer:
			d.bytes()
			v.comparer = true
		case fieldJournal:
			v.journal = d.number()
		case fieldNextFile, fieldPrevJournal:
			d.number()
		case fieldSeq:
			v.seq = d.uvarint()
		case fieldCompaction:
			d.uvarint()
			d.bytes()
		case fieldDelete:
			level, num := d.uvarint(), d.number()
			if t, ok := v.tables[num]; ok && t.level == level {
				delete(v.tables, num)
			}
		case fieldAdd:
			level, num, size := d.uvarint(), d.number(), d.number()
			d.bytes()
			d.bytes()
			added[num] = tableFile{level, size}
		default:
			if d.err == nil {
				d.err = fmt.Errorf("field %d is not known", field)
			}
		}
	}
	if d.err != nil {
		return d.err
	}
	for num, t := range added {
		v.tables[num] = t
	}
	return nil
}

// editReader reads the fields of an edit. After an error it returns zeros.
type editReader struct {
	rest []byte
	err  error
}

func (d *editReader) uvarint() uint64 {
	x, n := binary.Uvarint(d.rest)
	if n <= 0 || d.err != nil {
		d.fail()
		return 0
	}
	d.rest = d.rest[n:]
	return x
}

func (d *editReader) number() int64 {
	x := int64(d.uvarint())
	if x < 0 {
		d.fail()
		return 0
	}
	return x
}

func (d *editReader) bytes() {
	n := d.uvarint()
	if n > uint64(len(d.rest)) {
		d.fail()
		return
	}
	d.rest = d.rest[n:]
}

func (d *editReader) fail() {
	if d.err == nil {
		d.err = fmt.Errorf("it ends in the middle of a field")
	}
}
