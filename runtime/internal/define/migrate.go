package define

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/entity"
	"github.com/storegen/storegen/runtime/internal/layout"
	"github.com/storegen/storegen/runtime/internal/records"
	"github.com/storegen/storegen/runtime/internal/txn"
)

// Indexes are built beside those that are there, in parts of the table's space that
// nothing else is in. The record of the table names these parts as litter until all is
// built; then one commit makes them the places of the indexes, with the new description,
// and what it had before the litter. So the program of before can open the table until
// that commit, and the new one from there on, wherever a build breaks off; whoever does
// clears the litter away.

// fit compares a stored table with the code's, and makes rec what is stored
// afterwards. With WithMigrate it builds and drops indexes until they agree.
func fit(ctx context.Context, db *entity.DB, rec *records.TableRecord, desc *catalog.Table, tables func() ([]*entity.Table, error)) error {
	if rec.Table == desc && !rec.Unfinished {
		return nil
	}
	diffs := catalog.Compare(rec.Table, desc)
	m := &migration{db: db, rec: rec, desc: desc, merged: catalog.Merge(rec.Table, desc), tables: tables}
	switch {
	case slices.ContainsFunc(diffs, catalog.Difference.Refused):
		return &errs.SchemaError{Table: desc.Name, Differences: diffs, Mend: refusedFix(diffs)}
	case len(diffs) == 0 && !rec.Unfinished:
		// Nothing of the rows depends on what is new: where nothing can be written,
		// the description stays as it is.
		err := m.describe(ctx)
		if err == nil {
			err = m.tidy(ctx)
		}
		return unlessReadOnly(err)
	}
	ts, err := tables()
	if err != nil {
		return err
	}
	empty, err := allEmpty(ctx, db.Eng, ts)
	switch {
	case err != nil:
		return err
	case empty:
		return unlessReadOnly(m.redefine(ctx))
	case !db.Change && rec.Unfinished:
		return &errs.SchemaError{Table: desc.Name, Differences: diffs,
			Mend: "building its indexes was broken off; open the database once with store.WithMigrate() to do it anew"}
	case !db.Change:
		return &errs.SchemaError{Table: desc.Name, Differences: diffs, Mend: migrateFix(diffs)}
	}
	return m.run(ctx)
}

// refusedFix says what to do where code cannot work on the stored rows.
func refusedFix(diffs []catalog.Difference) string {
	const other = "use the program whose schema wrote the table, or store the new form as a new table and copy the rows"
	if slices.ContainsFunc(diffs, func(d catalog.Difference) bool { return d.Named }) {
		return "where it is one thing under a new name, say so in the schema (was: the former name) and generate again; otherwise " + other
	}
	return other
}

// migrateFix says what to do where only WithMigrate may go on.
func migrateFix(diffs []catalog.Difference) string {
	if slices.ContainsFunc(diffs, func(d catalog.Difference) bool { return d.Lossy }) {
		return "what the Go struct has no field for is lost when a row is written again: add the field, or open the database once with store.WithMigrate() to accept that"
	}
	return "open the database once with store.WithMigrate() to build and drop indexes, or use the program whose schema wrote the table"
}

func sameDesc(a, b *catalog.Table) bool {
	x, errx := json.Marshal(a)
	y, erry := json.Marshal(b)
	return errx == nil && erry == nil && bytes.Equal(x, y)
}

func allEmpty(ctx context.Context, r engine.Reader, ts []*entity.Table) (bool, error) {
	for _, t := range ts {
		it := r.Iterate(ctx, engine.Range{Start: t.Rows, End: t.End, KeysOnly: true, Limit: 1})
		found := it.Next()
		if err := it.Close(); err != nil || found {
			return false, err
		}
	}
	return true, nil
}

// migration brings a stored table, or all members of a family, to the code's
// description.
type migration struct {
	db     *entity.DB
	rec    *records.TableRecord // as stored
	desc   *catalog.Table
	merged *catalog.Table // what will be stored of it
	tables func() ([]*entity.Table, error)

	token string // of this build, in the record
}

// change changes the stored record, and rec with it.
func (m *migration) change(ctx context.Context, fn func(rec *records.TableRecord) error) error {
	key := records.TableKey(m.rec.Table.Name)
	var changed records.TableRecord
	err := changeCatalog(ctx, m.db, true, func(w *txn.Writer) error {
		changed = records.TableRecord{}
		v, err := w.Tx.GetForUpdate(ctx, key)
		if err != nil {
			return err
		}
		if err := records.DecodeRecord(key, v, &changed); err != nil {
			return err
		}
		if changed.Renamed != "" {
			return records.RenamedError(m.desc, &changed)
		}
		if err := fn(&changed); err != nil {
			return err
		}
		return records.WriteRecord(w.Tx, key, &changed)
	})
	if err == nil {
		*m.rec = changed
	}
	return err
}

// describe stores the description that both sides make together.
func (m *migration) describe(ctx context.Context) error {
	if sameDesc(m.rec.Table, m.merged) {
		return nil
	}
	return m.change(ctx, func(rec *records.TableRecord) error { m.adopt(rec, rec.Places); return nil })
}

// adopt makes a record that of the code's table.
func (m *migration) adopt(rec *records.TableRecord, at records.Places) {
	rec.Expiring = rec.Expires() && m.desc.TTL == nil
	rec.Table, rec.Places = m.merged, at
	rec.Unfinished, rec.Building = false, ""
}

// plan is which indexes go where.
type plan struct {
	places records.Places
	build  map[int]bool // positions in the code's description
	into   []uint64     // the parts that they are built in
	drop   []uint64     // the parts that are no more
}

// plan compares the indexes. In place is where nothing stored is to be kept.
func (m *migration) plan(inPlace bool) plan {
	p := plan{build: map[int]bool{}}
	var taken []uint64
	for i := range m.rec.Table.Indexes {
		s := &m.rec.Table.Indexes[i]
		part := m.rec.Places.Of(s.Number)
		if c := m.desc.IndexNumbered(s.Number); !inPlace && c != nil && m.desc.IndexShape(c) == m.rec.Table.IndexShape(s) {
			p.places = p.places.With(s.Number, part)
		} else {
			p.drop = append(p.drop, part)
		}
		if !inPlace {
			taken = append(taken, part)
		}
	}
	for i := range m.desc.Indexes {
		c := &m.desc.Indexes[i]
		if s := m.rec.Table.IndexNumbered(c.Number); !inPlace && s != nil && m.desc.IndexShape(c) == m.rec.Table.IndexShape(s) {
			continue
		}
		part := records.Free(c.Number, taken)
		taken = append(taken, part)
		p.places, p.build[i], p.into = p.places.With(c.Number, part), true, append(p.into, part)
	}
	return p
}

// redefine gives a table that has no rows its new description. What there may be of
// entries belongs to no row.
func (m *migration) redefine(ctx context.Context) error {
	p := m.plan(true)
	if err := m.endBuild(ctx); err != nil {
		return err
	}
	if err := m.clear(ctx, append(p.drop, m.rec.Litter...)); err != nil {
		return err
	}
	return m.change(ctx, func(rec *records.TableRecord) error {
		m.adopt(rec, p.places)
		rec.Litter = nil
		return nil
	})
}

// run builds and drops indexes.
func (m *migration) run(ctx context.Context) error {
	if m.rec.Unfinished {
		return m.rebuild(ctx)
	}
	p := m.plan(false)
	if len(p.build) > 0 {
		token := rand.Text()
		if err := m.change(ctx, func(rec *records.TableRecord) error {
			rec.Building, rec.Litter = token, union(rec.Litter, p.into)
			return nil
		}); err != nil {
			return err
		}
		m.token = token
		if err := m.build(ctx, p); err != nil {
			if ctx.Err() == nil && !errors.Is(err, errInterfered) {
				_ = m.tidy(ctx) // if not, who opens the table next does it
			}
			return err
		}
	}
	if err := m.change(ctx, func(rec *records.TableRecord) error {
		if rec.Building != m.token {
			return m.interfered()
		}
		rest := slices.DeleteFunc(rec.Litter, func(part uint64) bool { return slices.Contains(p.into, part) })
		m.adopt(rec, p.places)
		rec.Litter = union(rest, p.drop)
		return nil
	}); err != nil {
		return err
	}
	return m.tidy(ctx)
}

var errInterfered = errors.New("another program has opened the table while its indexes were built")

func (m *migration) interfered() error {
	return fmt.Errorf("%w: %w", errInterfered, &errs.SchemaError{Table: m.desc.Name,
		Mend: "open it with store.WithMigrate() again when no other program uses it"})
}

// goesOn makes sure, in each commit that writes or clears parts, that nobody has ended
// or begun a build by then.
func (m *migration) goesOn(ctx context.Context, w *txn.Writer) error {
	var rec records.TableRecord
	err := records.ReadRecord(ctx, w.Tx, records.TableKey(m.rec.Table.Name), &rec)
	if err == nil && rec.Building != m.token {
		err = m.interfered()
	}
	return err
}

func union(a, b []uint64) []uint64 {
	out := slices.Concat(a, b)
	slices.Sort(out)
	return slices.Compact(out)
}

// build builds indexes where nothing is yet.
func (m *migration) build(ctx context.Context, p plan) error {
	if err := m.clear(ctx, p.into); err != nil {
		return err
	}
	ts, err := m.tables()
	if err != nil {
		return err
	}
	var twice duplicates
	for _, t := range ts {
		t.Place(p.places)
		if err := build(ctx, t, p.build, &twice, m.goesOn); err != nil {
			return err
		}
	}
	return twice.err(m.desc.Name)
}

// rebuild is run for a table whose indexes a program of before has left half done: no
// entry of it can be trusted.
func (m *migration) rebuild(ctx context.Context) error {
	ts, err := m.tables()
	if err != nil {
		return err
	}
	for _, t := range ts {
		if err := m.db.Clear(ctx, t.End, keys.Successor(keys.AppendUvarint(nil, t.Space)), m.goesOn); err != nil {
			return err
		}
	}
	p := m.plan(true)
	if err := m.build(ctx, p); err != nil {
		return err
	}
	return m.change(ctx, func(rec *records.TableRecord) error {
		m.adopt(rec, p.places)
		rec.Litter = nil
		return nil
	})
}

// tidy clears the litter away, and ends what another program may be building.
func (m *migration) tidy(ctx context.Context) error {
	if m.rec.Building == "" && len(m.rec.Litter) == 0 {
		return nil
	}
	if err := m.endBuild(ctx); err != nil {
		return err
	}
	parts := m.rec.Litter
	if err := m.clear(ctx, parts); err != nil {
		return err
	}
	return m.change(ctx, func(rec *records.TableRecord) error {
		if rec.Building == "" { // or somebody has begun to build there
			rec.Litter = slices.DeleteFunc(rec.Litter, func(part uint64) bool { return slices.Contains(parts, part) })
		}
		return nil
	})
}

// endBuild ends a build, this one or that of another program.
func (m *migration) endBuild(ctx context.Context) error {
	m.token = ""
	if m.rec.Building == "" {
		return nil
	}
	return m.change(ctx, func(rec *records.TableRecord) error { rec.Building = ""; return nil })
}

// clear deletes what is in some parts.
func (m *migration) clear(ctx context.Context, parts []uint64) error {
	ts, err := m.tables()
	if err != nil {
		return err
	}
	for _, t := range ts {
		for _, part := range parts {
			start, end := t.Part(part)
			if err := m.db.Clear(ctx, start, end, m.goesOn); err != nil {
				return err
			}
		}
	}
	return nil
}

// build writes the entries of some indexes for all rows, in batches. Values of
// unique indexes that are there twice are noted, and all rows gone through for them.
func build(ctx context.Context, t *entity.Table, indexes map[int]bool, twice *duplicates, goesOn func(ctx context.Context, w *txn.Writer) error) error {
	start := t.Rows
	var next []byte
	var found duplicates
	return t.DB.InBatches(ctx, txn.BatchRows, func(w *txn.Writer, n int) error {
		next, found = nil, duplicates{}
		if err := goesOn(ctx, w); err != nil {
			return err
		}
		sc := t.Scratch()
		defer t.Release(sc)
		it := w.Tx.Iterate(ctx, engine.Range{Start: start, End: t.End, Limit: n + 1})
		defer it.Close()
		for i := 0; it.Next(); i++ {
			if i == n {
				next = bytes.Clone(it.Key())
				break
			}
			sc.Key = append(sc.Key[:0], it.Key()...)
			sc.Value = append(sc.Value[:0], it.Value()...)
			_, _, err := t.Load(w, sc, sc.Value)
			if err == nil {
				err = buildRow(ctx, t, w, sc, indexes, &found)
			}
			if err != nil {
				return t.Fail("build index", sc.Key, err)
			}
		}
		return it.Close()
	}, func() bool {
		twice.add(found)
		start = next
		return start != nil
	})
}

// buildRow writes the entries of a row that was loaded. A row that has expired has its
// entries too, as long as no other wants the values.
func buildRow(ctx context.Context, t *entity.Table, w *txn.Writer, sc *entity.Scratch, indexes map[int]bool, twice *duplicates) error {
	all := slices.Clone(sc.Old.List)
	clash := false
	sc.Old.List = slices.DeleteFunc(sc.Old.List, func(e layout.Entry) bool { return !indexes[e.Index] })
	sc.Old.Sort()
	for i := range sc.Old.List {
		ix := &t.Indexes[sc.Old.List[i].Index]
		if !ix.Desc.Unique {
			continue
		}
		key := sc.Old.Key(i)
		pk, free, err := holderOf(ctx, t, w, key)
		switch {
		case err != nil:
			return err
		case free || bytes.Equal(pk, sc.Old.Pk):
		case !sc.Live:
			sc.Old.List = all
			return giveWay(ctx, t, w, sc, indexes)
		default:
			// The holder may have expired: then it goes, as it does wherever somebody
			// takes its value.
			holder := t.Scratch()
			defer t.Release(holder)
			gone, err := yields(ctx, t, w, holder, pk, indexes)
			if err != nil {
				return err
			}
			if !gone {
				twice.note(errs.Duplicate{Table: t.Name, Index: ix.Desc.Name, Value: t.FormatColumns(ix, key),
					Rows: [2]string{layout.FormatKey(t.Codec, bytes.Clone(pk)), layout.FormatKey(t.Codec, bytes.Clone(sc.Old.Pk))}, HolderKey: bytes.Clone(pk)})
				clash = true
			}
		}
	}
	if clash {
		return nil // what is built will not be used
	}
	for i := range sc.Old.List {
		if err := w.Tx.Put(sc.Old.Key(i), sc.Old.Value(i)); err != nil {
			return err
		}
	}
	return nil
}

// holderOf is the row that has a unique entry; free says that none has.
func holderOf(ctx context.Context, t *entity.Table, w *txn.Writer, key []byte) (pk []byte, free bool, err error) {
	v, found, err := w.Find(ctx, key)
	if err != nil || !found {
		return nil, true, err
	}
	_, body, err := layout.SplitValue(v)
	if err == nil {
		pk, _, err = layout.Holder(body)
	}
	return pk, false, errs.Corrupt(key, err)
}

// yields removes the row pk, if it has expired.
func yields(ctx context.Context, t *entity.Table, w *txn.Writer, sc *entity.Scratch, pk []byte, building map[int]bool) (bool, error) {
	sc.Key = append(append(sc.Key[:0], t.Rows...), pk...)
	stored, err := w.Tx.Get(ctx, sc.Key)
	if err != nil {
		return false, err
	}
	live, _, err := t.Load(w, sc, bytes.Clone(stored))
	if err != nil || live {
		return false, err
	}
	return true, giveWay(ctx, t, w, sc, building)
}

// giveWay removes an expired row, which was loaded, for one that wants a value of it.
// In indexes of the program of before that this one does not have it leaves its
// entries, which show nothing, as they have expired too: Verify finds them, should the
// build break off.
func giveWay(ctx context.Context, t *entity.Table, w *txn.Writer, sc *entity.Scratch, building map[int]bool) error {
	stored := append(layout.AppendHeader(nil, sc.Old.Expiry), sc.Body...)
	if err := t.NoteGone(w, sc.Key, stored); err != nil {
		return err
	}
	sc.Old.Sort()
	for i := range sc.Old.List {
		ix := sc.Old.List[i].Index
		if building[ix] && t.Indexes[ix].Desc.Unique {
			pk, free, err := holderOf(ctx, t, w, sc.Old.Key(i))
			if err != nil {
				return err
			}
			if free || !bytes.Equal(pk, sc.Old.Pk) {
				continue
			}
		}
		if err := w.Tx.Delete(sc.Old.Key(i)); err != nil {
			return err
		}
	}
	t.Touch(w, sc.Key)
	if err := w.Tx.Delete(sc.Key); err != nil {
		return err
	}
	t.Note(w, sc.Key, sc.Body, nil, true)
	return t.MoveExpiry(w, sc, t.Pk(sc.Key), sc.Old.Expiry, nil)
}
