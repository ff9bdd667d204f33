package store

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
)

// Indexes are built beside those that are there, in parts of the table's space that
// nothing else is in. The record of the table names these parts as litter until all is
// built; then one commit makes them the places of the indexes, with the new description,
// and what it had before the litter. So the program of before can open the table until
// that commit, and the new one from there on, wherever a build breaks off; whoever does
// clears the litter away.

// fit compares a stored table with the code's, and makes rec what is stored
// afterwards. With WithMigrate it builds and drops indexes until they agree.
func (db *DB) fit(ctx context.Context, rec *tableRecord, desc *catalog.Table, tables func() ([]*table, error)) error {
	if rec.Table == desc && !rec.Unfinished {
		return nil
	}
	diffs := catalog.Compare(rec.Table, desc)
	m := &migration{db: db, rec: rec, desc: desc, merged: catalog.Merge(rec.Table, desc), tables: tables}
	switch {
	case slices.ContainsFunc(diffs, catalog.Difference.Refused):
		return &SchemaError{Table: desc.Name, Differences: diffs, Mend: refusedFix(diffs)}
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
	empty, err := allEmpty(ctx, db.eng, ts)
	switch {
	case err != nil:
		return err
	case empty:
		return unlessReadOnly(m.redefine(ctx))
	case !db.change && rec.Unfinished:
		return &SchemaError{Table: desc.Name, Differences: diffs,
			Mend: "building its indexes was broken off; open the database once with store.WithMigrate() to do it anew"}
	case !db.change:
		return &SchemaError{Table: desc.Name, Differences: diffs, Mend: migrateFix(diffs)}
	}
	return m.run(ctx)
}

func unlessReadOnly(err error) error {
	if errors.Is(err, ErrReadOnly) {
		return nil
	}
	return err
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

func allEmpty(ctx context.Context, r engine.Reader, ts []*table) (bool, error) {
	for _, t := range ts {
		it := r.Iterate(ctx, engine.Range{Start: t.rows, End: t.end, KeysOnly: true, Limit: 1})
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
	db     *DB
	rec    *tableRecord // as stored
	desc   *catalog.Table
	merged *catalog.Table // what will be stored of it
	tables func() ([]*table, error)

	token string // of this build, in the record
}

// change changes the stored record, and rec with it.
func (m *migration) change(ctx context.Context, fn func(rec *tableRecord) error) error {
	key := tableKey(m.rec.Table.Name)
	var changed tableRecord
	err := m.db.changeCatalog(ctx, true, func(w *writer) error {
		changed = tableRecord{}
		v, err := w.tx.GetForUpdate(ctx, key)
		if err != nil {
			return err
		}
		if err := decodeRecord(key, v, &changed); err != nil {
			return err
		}
		if changed.Renamed != "" {
			return renamedError(m.desc, &changed)
		}
		if err := fn(&changed); err != nil {
			return err
		}
		return writeRecord(w.tx, key, &changed)
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
	return m.change(ctx, func(rec *tableRecord) error { m.adopt(rec, rec.Places); return nil })
}

// adopt makes a record that of the code's table.
func (m *migration) adopt(rec *tableRecord, at places) {
	rec.Expiring = rec.expires() && m.desc.TTL == nil
	rec.Table, rec.Places = m.merged, at
	rec.Unfinished, rec.Building = false, ""
}

// plan is which indexes go where.
type plan struct {
	places places
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
		part := m.rec.Places.of(s.Number)
		if c := m.desc.IndexNumbered(s.Number); !inPlace && c != nil && m.desc.IndexShape(c) == m.rec.Table.IndexShape(s) {
			p.places = p.places.with(s.Number, part)
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
		part := free(c.Number, taken)
		taken = append(taken, part)
		p.places, p.build[i], p.into = p.places.with(c.Number, part), true, append(p.into, part)
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
	return m.change(ctx, func(rec *tableRecord) error {
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
		if err := m.change(ctx, func(rec *tableRecord) error {
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
	if err := m.change(ctx, func(rec *tableRecord) error {
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
	return fmt.Errorf("%w: %w", errInterfered, &SchemaError{Table: m.desc.Name,
		Mend: "open it with store.WithMigrate() again when no other program uses it"})
}

// goesOn makes sure, in each commit that writes or clears parts, that nobody has ended
// or begun a build by then.
func (m *migration) goesOn(ctx context.Context, w *writer) error {
	var rec tableRecord
	err := readRecord(ctx, w.tx, tableKey(m.rec.Table.Name), &rec)
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
		t.place(p.places)
		if err := t.build(ctx, p.build, &twice, m.goesOn); err != nil {
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
		if err := m.db.clear(ctx, t.end, keys.Successor(keys.AppendUvarint(nil, t.space)), m.goesOn); err != nil {
			return err
		}
	}
	p := m.plan(true)
	if err := m.build(ctx, p); err != nil {
		return err
	}
	return m.change(ctx, func(rec *tableRecord) error {
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
	return m.change(ctx, func(rec *tableRecord) error {
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
	return m.change(ctx, func(rec *tableRecord) error { rec.Building = ""; return nil })
}

// clear deletes what is in some parts.
func (m *migration) clear(ctx context.Context, parts []uint64) error {
	ts, err := m.tables()
	if err != nil {
		return err
	}
	for _, t := range ts {
		for _, part := range parts {
			start, end := t.part(part)
			if err := m.db.clear(ctx, start, end, m.goesOn); err != nil {
				return err
			}
		}
	}
	return nil
}

// build writes the entries of some indexes for all rows, in batches. Values of
// unique indexes that are there twice are noted, and all rows gone through for them.
func (t *table) build(ctx context.Context, indexes map[int]bool, twice *duplicates, goesOn func(ctx context.Context, w *writer) error) error {
	start := t.rows
	var next []byte
	var found duplicates
	return t.db.inBatches(ctx, batchRows, func(w *writer, n int) error {
		next, found = nil, duplicates{}
		if err := goesOn(ctx, w); err != nil {
			return err
		}
		sc := t.scratch()
		defer t.release(sc)
		it := w.tx.Iterate(ctx, engine.Range{Start: start, End: t.end, Limit: n + 1})
		defer it.Close()
		for i := 0; it.Next(); i++ {
			if i == n {
				next = bytes.Clone(it.Key())
				break
			}
			sc.key = append(sc.key[:0], it.Key()...)
			sc.value = append(sc.value[:0], it.Value()...)
			_, _, err := t.load(w, sc, sc.value)
			if err == nil {
				err = t.buildRow(ctx, w, sc, indexes, &found)
			}
			if err != nil {
				return t.fail("build index", sc.key, err)
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
func (t *table) buildRow(ctx context.Context, w *writer, sc *scratch, indexes map[int]bool, twice *duplicates) error {
	all := slices.Clone(sc.old.list)
	clash := false
	sc.old.list = slices.DeleteFunc(sc.old.list, func(e entry) bool { return !indexes[e.index] })
	sc.old.sort()
	for i := range sc.old.list {
		ix := &t.indexes[sc.old.list[i].index]
		if !ix.desc.Unique {
			continue
		}
		key := sc.old.key(i)
		pk, free, err := t.holderOf(ctx, w, key)
		switch {
		case err != nil:
			return err
		case free || bytes.Equal(pk, sc.old.pk):
		case !sc.live:
			sc.old.list = all
			return t.giveWay(ctx, w, sc, indexes)
		default:
			// The holder may have expired: then it goes, as it does wherever somebody
			// takes its value.
			holder := t.scratch()
			defer t.release(holder)
			gone, err := t.yields(ctx, w, holder, pk, indexes)
			if err != nil {
				return err
			}
			if !gone {
				twice.note(Duplicate{Table: t.name, Index: ix.desc.Name, Value: t.formatColumns(ix, key),
					Rows: [2]string{formatKey(t.codec, bytes.Clone(pk)), formatKey(t.codec, bytes.Clone(sc.old.pk))}, HolderKey: bytes.Clone(pk)})
				clash = true
			}
		}
	}
	if clash {
		return nil // what is built will not be used
	}
	for i := range sc.old.list {
		if err := w.tx.Put(sc.old.key(i), sc.old.value(i)); err != nil {
			return err
		}
	}
	return nil
}

// holderOf is the row that has a unique entry; free says that none has.
func (t *table) holderOf(ctx context.Context, w *writer, key []byte) (pk []byte, free bool, err error) {
	v, found, err := w.find(ctx, key)
	if err != nil || !found {
		return nil, true, err
	}
	_, body, err := splitValue(v)
	if err == nil {
		pk, _, err = holder(body)
	}
	return pk, false, corrupt(key, err)
}

// yields removes the row pk, if it has expired.
func (t *table) yields(ctx context.Context, w *writer, sc *scratch, pk []byte, building map[int]bool) (bool, error) {
	sc.key = append(append(sc.key[:0], t.rows...), pk...)
	stored, err := w.tx.Get(ctx, sc.key)
	if err != nil {
		return false, err
	}
	live, _, err := t.load(w, sc, bytes.Clone(stored))
	if err != nil || live {
		return false, err
	}
	return true, t.giveWay(ctx, w, sc, building)
}

// giveWay removes an expired row, which was loaded, for one that wants a value of it.
// In indexes of the program of before that this one does not have it leaves its
// entries, which show nothing, as they have expired too: Verify finds them, should the
// build break off.
func (t *table) giveWay(ctx context.Context, w *writer, sc *scratch, building map[int]bool) error {
	stored := append(appendHeader(nil, sc.old.expiry), sc.body...)
	if err := t.noteGone(w, sc.key, stored); err != nil {
		return err
	}
	sc.old.sort()
	for i := range sc.old.list {
		ix := sc.old.list[i].index
		if building[ix] && t.indexes[ix].desc.Unique {
			pk, free, err := t.holderOf(ctx, w, sc.old.key(i))
			if err != nil {
				return err
			}
			if free || !bytes.Equal(pk, sc.old.pk) {
				continue
			}
		}
		if err := w.tx.Delete(sc.old.key(i)); err != nil {
			return err
		}
	}
	t.touch(w, sc.key)
	if err := w.tx.Delete(sc.key); err != nil {
		return err
	}
	t.note(w, sc.key, sc.body, nil, true)
	return t.moveExpiry(w, sc, t.pk(sc.key), sc.old.expiry, nil)
}
