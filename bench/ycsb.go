package bench

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"

	pebbleengine "github.com/storegen/storegen/engines/pebble"
	"github.com/storegen/storegen/runtime/engine"
	leveldbengine "github.com/storegen/storegen/runtime/engine/leveldb"
)

// This file has the workloads A to F of YCSB (Cooper and others, Benchmarking Cloud
// Serving Systems with YCSB, 2010) over one table: rows of ten texts of 100 bytes, keys of
// 24 bytes, chosen by a Zipf distribution that is spread over all keys.

// Record is a row, as contestants by hand have it.
type Record struct {
	ID     string
	Fields [recordFields]string
}

const (
	recordFields = 10
	recordText   = 100
	mostScanned  = 100
)

// Records is a contestant of YCSB. None of its rows has an index.
type Records interface {
	// Load writes rows that are new, in one commit.
	Load(rs []*Record) error
	Read(id string, r *Record) (bool, error)
	// Write writes a whole row, whether it is there or not.
	Write(r *Record) error
	// Modify reads a row, changes a field, and writes it, as one transaction where the
	// contestant has any.
	Modify(id string, field int, text string) error
	// Scan visits up to n rows from a key on.
	Scan(from string, n int, visit func(r *Record)) error
	Close() error
}

// RecordsEntry is a contestant of YCSB in the list.
type RecordsEntry struct {
	Name string
	Open func(dir string) (Records, error)
}

// RecordsEntries are the contestants of YCSB, raw goleveldb first.
var RecordsEntries = []RecordsEntry{
	{RawLevel, openRawLevel},
	{"generated on goleveldb", openRecords(func(dir string) (engine.Engine, error) {
		return leveldbengine.Open(dir, &leveldbengine.Options{BlockCache: 128 << 20})
	})},
	{OnPebble, openRecords(func(dir string) (engine.Engine, error) {
		return pebbleengine.Open(dir, &pebbleengine.Options{BlockCache: 128 << 20})
	})},
	{"pebble by hand", openByHandRecords(openPebble)},
	{"bbolt by hand", openByHandRecords(openBolt)},
	{"badger by hand", openByHandRecords(openBadger)},
	{"SQLite (modernc)", openSQLiteRecords},
}

// RawLevel is the contestant of YCSB that others are compared to.
const RawLevel = "goleveldb by hand"

// A Workload is one of YCSB: of so many operations in 100 each does its part.
type Workload struct {
	Name                               string
	Read, Update, Insert, Scan, Modify int
	Latest                             bool // rows that were inserted last are read most
}

// Workloads are those of YCSB.
var Workloads = []Workload{
	{Name: "A: 50 reads, 50 updates", Read: 50, Update: 50},
	{Name: "B: 95 reads, 5 updates", Read: 95, Update: 5},
	{Name: "C: reads", Read: 100},
	{Name: "D: 95 reads of the latest, 5 inserts", Read: 95, Insert: 5, Latest: true},
	{Name: "E: 95 scans of 1 to 100 rows, 5 inserts", Scan: 95, Insert: 5},
	{Name: "F: 50 reads, 50 read-modify-writes", Read: 50, Modify: 50},
}

// RecordsPlayer is a contestant of YCSB at work.
type RecordsPlayer struct {
	RecordsEntry
	c     Records
	dir   string
	rows  int
	rng   *rand.Rand
	texts []string
}

// NewRecordsPlayer opens a contestant in a directory of its own, without rows.
func NewRecordsPlayer(e RecordsEntry) (*RecordsPlayer, error) {
	dir, err := os.MkdirTemp("", "ycsb-*")
	if err != nil {
		return nil, err
	}
	p := &RecordsPlayer{RecordsEntry: e, dir: dir, rng: rand.New(rand.NewPCG(1, 2))}
	for i := range 1000 {
		p.texts = append(p.texts, (hash(i) + hash(-i-1))[:recordText])
	}
	if p.c, err = e.Open(dir); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", e.Name, err), os.RemoveAll(dir))
	}
	return p, nil
}

// Close closes the contestant and removes what it has stored.
func (p *RecordsPlayer) Close() error { return errors.Join(p.c.Close(), os.RemoveAll(p.dir)) }

// recordID is the key of the row of a number: neighbours are far apart.
func recordID(i int) string { return fmt.Sprintf("user%020d", uint64(i)*0x9e3779b97f4a7c15) }

func (p *RecordsPlayer) text() string { return p.texts[p.rng.IntN(len(p.texts))] }

func (p *RecordsPlayer) record(i int) *Record {
	r := &Record{ID: recordID(i)}
	for f := range r.Fields {
		r.Fields[f] = p.text()
	}
	return r
}

// Load inserts n new rows, 100 in a commit.
func (p *RecordsPlayer) Load(n int) error {
	var rs []*Record
	for range n {
		rs = append(rs, p.record(p.rows))
		p.rows++
	}
	return inBatches(rs, p.c.Load)
}

// Do does n operations of a workload.
func (p *RecordsPlayer) Do(w Workload, n int) error {
	zipf := rand.NewZipf(p.rng, 1.01, 1, uint64(p.rows-1))
	var r Record
	for range n {
		i := int(zipf.Uint64())
		if w.Latest {
			i = p.rows - 1 - i
		}
		id := recordID(i)
		var err error
		switch x := p.rng.IntN(100); {
		case x < w.Read:
			err = want(p.c.Read(id, &r))
		case x < w.Read+w.Update:
			err = p.c.Write(p.record(i))
		case x < w.Read+w.Update+w.Modify:
			err = p.c.Modify(id, p.rng.IntN(recordFields), p.text())
		case x < w.Read+w.Update+w.Modify+w.Insert:
			err = p.c.Load([]*Record{p.record(p.rows)})
			p.rows++
		default:
			got := 0
			err = p.c.Scan(id, 1+p.rng.IntN(mostScanned), func(*Record) { got++ })
			if err == nil && got == 0 {
				err = errWrong
			}
		}
		if err != nil {
			return fmt.Errorf("%s: %s: %w", p.Name, w.Name, err)
		}
	}
	return nil
}
