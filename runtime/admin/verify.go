// Package admin is for those who operate a database: it verifies and repairs it, sweeps
// expired rows away, writes backups and restores them.
//
// It knows nothing of the Go types of rows, nor of which engine it is.
package admin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/entity"
	"github.com/storegen/storegen/runtime/internal/layout"
	"github.com/storegen/storegen/runtime/internal/records"
	"github.com/storegen/storegen/runtime/internal/txn"
	"github.com/storegen/storegen/runtime/store"
)

// Fault is a kind of damage that Verify finds.
type Fault string

// The faults. Those of entries and places are mended from the rows; those of
// rows and of the catalog cannot be derived from anything else.
const (
	FaultRow          Fault = "undecodable row"   // a row's key or value cannot be read
	FaultMissingEntry Fault = "missing entry"     // a row has no entry where it should have one
	FaultWrongEntry   Fault = "wrong entry"       // a row's entry says something else than the row
	FaultDangling     Fault = "dangling entry"    // an entry names a row that is not there
	FaultStaleEntry   Fault = "stale entry"       // an entry stands where its row does not want it
	FaultEntry        Fault = "undecodable entry" // an entry's key or value cannot be read
	FaultNoExpiry     Fault = "missing expiry"    // a row that expires is not in the order of expiry
	FaultExpiry       Fault = "orphaned expiry"   // a place in the order of expiry that no row has
	FaultSpace        Fault = "unknown space"     // keys that belong to no table of the catalog
	FaultCatalog      Fault = "bad catalog"       // a record of the catalog cannot be read
	FaultUnread       Fault = "unreadable"        // the engine cannot read what is there, or what is behind it
)

// Finding is one damage.
type Finding struct {
	Fault Fault
	Table string
	Index string // "" where none is meant
	Row   string // the row's key as text
	Key   []byte // the engine key of what is damaged
	Err   error  // more about it, or nil

	table *entity.Table
	row   []byte // the row's stored key, if known
}

// String prints it as "system.users/alice: missing entry in role".
func (f Finding) String() string {
	s := f.Table
	if f.Row != "" {
		s += "/" + f.Row
	}
	s += ": " + string(f.Fault)
	if f.Index != "" {
		s += " in " + f.Index
	}
	s += " at " + keys.Format(f.Key)
	if f.Err != nil {
		s += ": " + f.Err.Error()
	}
	return s
}

// VerifyOptions says how Verify works.
type VerifyOptions struct {
	// Found gets each damage as it is found.
	Found func(Finding)
	// Progress, if set, is called now and then.
	Progress func(Verified)
	// Lookups has each entry and each row looked up, and not only those that differ by
	// their hashes. It takes many times as long, and finds the same but once in 2^64.
	Lookups bool
	// Rate is the most keys that are looked at in a second; 0 is no bound.
	Rate int
}

// Verified is how far a verification has come.
type Verified struct {
	Rows     int // rows read
	Entries  int // index entries and places in the order of expiry read
	Findings int
	// Skipped is the number of tables of the catalog that this program has not
	// opened: their rows cannot be read by it.
	Skipped int
}

// Verify reads every row and every index entry of the tables that this program
// has opened once, in one snapshot, and holds them against each other. Each is read once,
// in order, and once more where something is wrong with a table; only what that may be
// is looked up one by one. It needs memory for one row and its entries, and a megabyte,
// and the database goes on serving meanwhile. Damage is no error: it goes to Found, and
// is counted.
func Verify(ctx context.Context, db *store.DB, o VerifyOptions) (Verified, error) {
	return verify(ctx, db.Internal(), o)
}

func verify(ctx context.Context, db *entity.DB, o VerifyOptions) (Verified, error) {
	snap, err := db.Eng.Snapshot(ctx)
	if err != nil {
		return Verified{}, err
	}
	v := &verifier{db: db, r: snap, o: o, now: layout.InstantOf(db.Now()), litter: map[string][]uint64{}, dropped: map[uint64]bool{}, unread: map[string]bool{},
		entries: newFingerprints(), places: newFingerprints()}
	v.entries.all, v.places.all = o.Lookups, o.Lookups
	err = v.run(ctx)
	return v.done, errors.Join(err, snap.Close())
}

type verifier struct {
	db    *entity.DB
	r     engine.Reader
	o     VerifyOptions
	now   layout.Instant
	done  Verified
	steps int

	entries *fingerprints // of the table that is being verified
	places  *fingerprints // in the order of expiry, of all tables

	unread  map[string]bool // keys that the engine cannot read
	dropped map[uint64]bool // spaces that are being dropped

	litter map[string][]uint64 // by table or family: parts that wait for being cleared
}

func (v *verifier) found(f Finding) {
	v.done.Findings++
	f.Key = bytes.Clone(f.Key)
	if v.o.Found != nil {
		v.o.Found(f)
	}
}

// step is called for each key: it honours the context and the rate.
func (v *verifier) step(ctx context.Context) error {
	v.steps++
	if v.steps%every != 0 {
		return nil
	}
	if v.o.Progress != nil {
		v.o.Progress(v.done)
	}
	if v.o.Rate <= 0 {
		return ctx.Err()
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-v.db.Clock.After(time.Second * every / time.Duration(v.o.Rate)):
		return nil
	}
}

func (v *verifier) run(ctx context.Context) error {
	spaces, err := v.catalog(ctx)
	if err != nil {
		return err
	}
	for _, space := range sortedSpaces(spaces) {
		t := spaces[space]
		if t == nil {
			v.done.Skipped++
			continue
		}
		if err := v.table(ctx, t); err != nil {
			return err
		}
	}
	if err := v.expiry(ctx, spaces); err != nil {
		return err
	}
	return v.strangers(ctx, spaces)
}

// catalog reads the catalog: the spaces that it gives away, with their tables
// where this program has them. Spaces of families have no rows of their own.
func (v *verifier) catalog(ctx context.Context) (map[uint64]*entity.Table, error) {
	spaces := map[uint64]*entity.Table{}
	prefix := keys.AppendUvarint(nil, layout.SpaceCatalog)
	err := v.pairs(ctx, prefix, keys.Successor(prefix), func(key, value []byte) error {
		r := keys.NewReader(key[len(prefix):])
		var err error
		var space uint64 // that has rows
		switch part := r.Uvarint(); part {
		case records.CatalogHeader:
			err = records.DecodeRecord(key, value, new(records.Header))
		case records.CatalogCursors:
			err = records.DecodeRecord(key, value, new(records.CursorRecord))
		case records.CatalogNext:
			err = records.DecodeRecord(key, value, new(records.NextRecord))
		case records.CatalogDropped:
			var rec records.DroppedRecord
			if err = records.DecodeRecord(key, value, &rec); err == nil {
				v.dropped[rec.Space] = true
			}
		case records.CatalogTable:
			var rec records.TableRecord
			if err = records.DecodeRecord(key, value, &rec); err == nil && rec.Renamed == "" {
				v.litter[rec.Table.Name] = rec.Litter
				if len(rec.Table.Per) == 0 {
					space = rec.Space
				}
			}
		case records.CatalogMember, records.CatalogReverse: // the same, twice
			var rec records.MemberRecord
			if err = records.DecodeRecord(key, value, &rec); err == nil {
				space = rec.Space
			}
		default:
			err = fmt.Errorf("the catalog has no records %d", part)
		}
		if err != nil {
			v.found(Finding{Fault: FaultCatalog, Table: "catalog", Key: key, Err: err})
			return nil
		}
		if space == 0 {
			return nil
		}
		spaces[space], err = v.db.TableOf(ctx, space)
		return err
	})
	return spaces, err
}

// walk calls visit with each pair of a range, as far as the engine can read it.
func (v *verifier) walk(ctx context.Context, name string, start, end []byte, visit func(key, value []byte) error) error {
	last, own := bytes.Clone(start), false
	err := v.pairs(ctx, start, end, func(key, value []byte) error {
		last = append(last[:0], key...)
		err := visit(key, value)
		own = err != nil
		return err
	})
	if err == nil || own || !errors.Is(err, errs.ErrCorrupt) {
		return err
	}
	v.cannotRead(Finding{Table: name, Key: last, Err: err})
	return nil
}

// cannotRead notes what the engine cannot read, once.
func (v *verifier) cannotRead(f Finding) {
	if v.unread[string(f.Key)] {
		return
	}
	v.unread[string(f.Key)] = true
	f.Fault = FaultUnread
	v.found(f)
}

// pairs calls visit with each pair of a range.
func (v *verifier) pairs(ctx context.Context, start, end []byte, visit func(key, value []byte) error) error {
	it := v.r.Iterate(ctx, engine.Range{Start: start, End: end})
	defer it.Close()
	for it.Next() {
		if err := v.step(ctx); err != nil {
			return err
		}
		if err := visit(it.Key(), it.Value()); err != nil {
			return err
		}
	}
	return it.Close()
}

// table verifies a table, but for its places in the order of expiry.
func (v *verifier) table(ctx context.Context, t *entity.Table) error {
	v.entries.reset()
	if err := v.expect(ctx, t); err != nil {
		return err
	}
	for i := range t.Indexes {
		err := v.walk(ctx, t.Name, t.Indexes[i].Prefix, t.Indexes[i].End, func(key, value []byte) error {
			v.done.Entries++
			v.entries.found(key, value)
			return nil
		})
		if err != nil {
			return err
		}
	}
	if !v.entries.differ() {
		return nil
	}
	if err := v.rowsOf(ctx, t, func(sc *entity.Scratch, f func() Finding) error { return v.missing(ctx, t, sc, f) }); err != nil {
		return err
	}
	for i := range t.Indexes {
		if err := v.surplus(ctx, t, i); err != nil {
			return err
		}
	}
	return nil
}

// expect reads the rows of a table for what should be there for them.
func (v *verifier) expect(ctx context.Context, t *entity.Table) error {
	return v.eachRow(ctx, t, func(sc *entity.Scratch, f func() Finding, err error) error {
		v.done.Rows++
		if err != nil {
			g := f()
			g.Fault, g.Err = FaultRow, err
			v.found(g)
			return nil
		}
		e := &sc.Old
		e.Sort()
		for _, at := range e.List {
			v.entries.expect(e.Buf[at.Start:at.End], at.Mid-at.Start)
		}
		if e.Expiry != nil {
			sc.Value = t.ExpiryKey(sc.Value[:0], e.Expiry, e.Pk)
			v.places.expect(sc.Value, len(sc.Value))
		}
		return nil
	})
}

// eachRow calls visit with each row of a table, or with what is wrong with it, and with
// what makes a finding about it.
func (v *verifier) eachRow(ctx context.Context, t *entity.Table, visit func(sc *entity.Scratch, f func() Finding, err error) error) error {
	sc := t.Scratch()
	defer t.Release(sc)
	w := &txn.Writer{Db: &v.db.Runner, At: v.now, Set: true}
	about := func() Finding {
		return Finding{Table: t.Name, Row: layout.FormatKey(t.Codec, bytes.Clone(t.Pk(sc.Key))), Key: sc.Key, table: t, row: bytes.Clone(sc.Key)}
	}
	return v.walk(ctx, t.Name, t.Rows, t.End, func(key, value []byte) error {
		sc.Key = append(sc.Key[:0], key...)
		sc.Value = append(sc.Value[:0], value...) // which the row points into
		_, _, err := t.Load(w, sc, sc.Value)
		return visit(sc, about, err)
	})
}

// rowsOf is eachRow for those that can be read.
func (v *verifier) rowsOf(ctx context.Context, t *entity.Table, visit func(sc *entity.Scratch, f func() Finding) error) error {
	return v.eachRow(ctx, t, func(sc *entity.Scratch, f func() Finding, err error) error {
		if err != nil {
			return nil // it was found before
		}
		sc.Old.Sort()
		return visit(sc, f)
	})
}

// missing looks for the entries of a row that may not be there.
func (v *verifier) missing(ctx context.Context, t *entity.Table, sc *entity.Scratch, about func() Finding) error {
	e := &sc.Old
	for i, at := range e.List {
		if !v.entries.suspect(e.Buf[at.Start:at.End], at.Mid-at.Start) {
			continue
		}
		got, err := v.r.Get(ctx, e.Key(i))
		fault := FaultWrongEntry
		switch {
		case errors.Is(err, errs.ErrNotFound):
			fault = FaultMissingEntry
		case errors.Is(err, errs.ErrCorrupt):
			v.cannotRead(Finding{Table: t.Name, Index: t.Indexes[at.Index].Desc.Name, Key: e.Key(i), Err: err})
			continue
		case err != nil:
			return err
		case bytes.Equal(got, e.Value(i)):
			continue
		}
		f := about()
		f.Fault, f.Key, f.Index = fault, e.Key(i), t.Indexes[at.Index].Desc.Name
		v.found(f)
	}
	return nil
}

// surplus holds those entries of an index against their rows that may not belong there.
func (v *verifier) surplus(ctx context.Context, t *entity.Table, i int) error {
	ix := &t.Indexes[i]
	sc := t.Scratch()
	defer t.Release(sc)
	w := &txn.Writer{Db: &v.db.Runner, At: v.now, Set: true}
	return v.walk(ctx, t.Name, ix.Prefix, ix.End, func(key, value []byte) error {
		if !v.entries.suspect(v.entries.pair(key, value), len(key)) {
			return nil
		}
		f := Finding{Table: t.Name, Index: ix.Desc.Name, Key: key, table: t}
		e, err := ix.SplitEntry(key, value, nil)
		if err != nil {
			f.Fault, f.Err = FaultEntry, err
			v.found(f)
			return nil
		}
		sc.Key = append(append(sc.Key[:0], t.Rows...), e.Key...)
		f.row, f.Row = bytes.Clone(sc.Key), layout.FormatKey(t.Codec, bytes.Clone(e.Key))
		row, err := v.r.Get(ctx, sc.Key)
		if errors.Is(err, errs.ErrNotFound) {
			f.Fault = FaultDangling
			v.found(f)
			return nil
		}
		if errors.Is(err, errs.ErrCorrupt) {
			v.cannotRead(Finding{Table: t.Name, Row: f.Row, Key: f.row, Err: err})
			return nil
		}
		if err != nil {
			return err
		}
		if _, _, err := t.Load(w, sc, row); err != nil {
			f.Fault, f.Err = FaultDangling, fmt.Errorf("its row cannot be read: %w", err)
			v.found(f)
			return nil
		}
		if !sc.Old.Has(key) {
			f.Fault = FaultStaleEntry
			v.found(f)
		}
		return nil
	})
}

// expiry holds the order of expiry against the rows.
func (v *verifier) expiry(ctx context.Context, spaces map[uint64]*entity.Table) error {
	err := v.walkPlaces(ctx, spaces, func(t *entity.Table, d layout.DueRow, f Finding) error {
		v.done.Entries++
		switch {
		case f.Err != nil:
			v.found(f)
		case t != nil:
			v.places.found(d.Entry, nil)
		}
		return nil
	})
	if err != nil || !v.places.differ() {
		return err
	}
	for _, space := range sortedSpaces(spaces) {
		if err := v.noPlace(ctx, spaces[space]); err != nil {
			return err
		}
	}
	return v.walkPlaces(ctx, spaces, func(t *entity.Table, d layout.DueRow, f Finding) error {
		if t == nil || !v.places.suspect(d.Entry, len(d.Entry)) {
			return nil
		}
		f.row = append(bytes.Clone(t.Rows), d.Pk...)
		f.Row = layout.FormatKey(t.Codec, bytes.Clone(d.Pk))
		row, err := v.r.Get(ctx, f.row)
		if errors.Is(err, errs.ErrNotFound) {
			v.found(f)
			return nil
		}
		if errors.Is(err, errs.ErrCorrupt) {
			v.cannotRead(Finding{Table: t.Name, Row: f.Row, Key: f.row, Err: err})
			return nil
		}
		if err != nil {
			return err
		}
		if has, _, err := layout.SplitValue(row); err != nil || !bytes.Equal(has, d.Expiry) {
			f.Err = err
			v.found(f)
		}
		return nil
	})
}

// walkPlaces calls visit with each place in the order of expiry, its table if that is
// opened, and a finding that has an error where the place is none.
func (v *verifier) walkPlaces(ctx context.Context, spaces map[uint64]*entity.Table, visit func(t *entity.Table, d layout.DueRow, f Finding) error) error {
	prefix := keys.AppendUvarint(nil, layout.SpaceExpiry)
	return v.walk(ctx, "expiry", prefix, keys.Successor(prefix), func(key, _ []byte) error {
		f := Finding{Fault: FaultExpiry, Table: "expiry", Key: key}
		d, err := layout.ParseDue(key)
		t, known := spaces[d.Space]
		switch {
		case err != nil:
			f.Err = err
			t = nil
		case v.dropped[d.Space]:
			t = nil // it is going
		case !known:
			f.Err = errors.New("no table has this space")
		case t != nil:
			f.Table, f.table = t.Name, t
		}
		return visit(t, d, f)
	})
}

// noPlace finds rows that are not in the order of expiry.
func (v *verifier) noPlace(ctx context.Context, t *entity.Table) error {
	if t == nil {
		return nil
	}
	return v.rowsOf(ctx, t, func(sc *entity.Scratch, about func() Finding) error {
		if sc.Old.Expiry == nil {
			return nil
		}
		place := t.ExpiryKey(nil, sc.Old.Expiry, sc.Old.Pk)
		if !v.places.suspect(place, len(place)) {
			return nil
		}
		has, err := v.r.Has(ctx, place)
		if errors.Is(err, errs.ErrCorrupt) {
			v.cannotRead(Finding{Table: t.Name, Key: place, Err: err})
			return nil
		}
		if err == nil && !has {
			f := about()
			f.Fault, f.Key = FaultNoExpiry, place
			v.found(f)
		}
		return err
	})
}

// strangers finds keys outside of the spaces that the catalog has given away,
// and keys within them that are neither rows nor entries of a known index. It
// reads one key of each such run.
func (v *verifier) strangers(ctx context.Context, spaces map[uint64]*entity.Table) error {
	at := keys.AppendUvarint(nil, layout.FirstReserved)
	for at != nil {
		it := v.r.Iterate(ctx, engine.Range{Start: at, KeysOnly: true, Limit: 1})
		found := it.Next()
		var key []byte
		if found {
			key = bytes.Clone(it.Key())
		}
		if err := it.Close(); errors.Is(err, errs.ErrCorrupt) {
			v.cannotRead(Finding{Table: "engine", Key: at, Err: err})
			return nil
		} else if err != nil || !found {
			return err
		}
		r := keys.NewReader(key)
		space := r.Uvarint()
		part := r.Uvarint()
		t, known := spaces[space]
		switch {
		case space == layout.SpaceAside && r.Err() == nil && part >= layout.FirstTable:
			// The rest are put aside from the same table, or a later one.
			at = keys.Successor(keys.AppendUvarint(keys.AppendUvarint(nil, space), part))
		case space == layout.SpaceAside && r.Err() == nil:
			v.found(Finding{Fault: FaultSpace, Table: "engine", Key: key, Err: fmt.Errorf("no row can be put aside from space %d", part)})
			at = append(bytes.Clone(key), 0)
		case r.Err() != nil:
			v.found(Finding{Fault: FaultSpace, Table: "engine", Key: key, Err: r.Err()})
			at = append(bytes.Clone(key), 0)
		case v.dropped[space]:
			at = keys.Successor(keys.AppendUvarint(nil, space))
		case !known:
			v.found(Finding{Fault: FaultSpace, Table: "engine", Key: key})
			at = keys.Successor(keys.AppendUvarint(nil, space))
		case t == nil:
			at = keys.Successor(keys.AppendUvarint(nil, space))
		default:
			run := keys.AppendUvarint(keys.AppendUvarint(nil, space), part)
			if part != layout.SpaceRows && !t.HasPart(key) && !slices.Contains(v.litter[t.Desc.Name], part) {
				v.found(Finding{Fault: FaultSpace, Table: t.Name, Key: key, Err: fmt.Errorf("the table has no index %d", part), table: t})
			}
			at = keys.Successor(run)
		}
	}
	return nil
}

func sortedSpaces(m map[uint64]*entity.Table) []uint64 { return slices.Sorted(maps.Keys(m)) }

// every is how many keys are looked at between two looks at the context and the rate.
const every = 256
