package define

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/entity"
	"github.com/storegen/storegen/runtime/internal/records"
	"github.com/storegen/storegen/runtime/internal/txn"
)

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
	err := m.db.Run(ctx, m.db.Usual(), true, func(w *txn.Writer) error {
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
	return m.change(ctx, func(rec *records.TableRecord) error { m.adopt(rec, rec.Parts); return nil })
}

// adopt makes a record that of the code's table.
func (m *migration) adopt(rec *records.TableRecord, at records.Parts) {
	rec.Expiring = rec.Expires() && m.desc.TTL == nil
	rec.Table, rec.Parts = m.merged, at
	rec.Unfinished, rec.Building = false, ""
}

// plan is which indexes go where.
type plan struct {
	parts records.Parts
	build map[int]bool // positions in the code's description
	into  []uint64     // the parts that they are built in
	drop  []uint64     // the parts that are no more
}

// plan compares the indexes. In place is where nothing stored is to be kept.
func (m *migration) plan(inPlace bool) plan {
	p := plan{build: map[int]bool{}}
	var taken []uint64
	for i := range m.rec.Table.Indexes {
		s := &m.rec.Table.Indexes[i]
		part := m.rec.Parts.Of(s.Number)
		if c := m.desc.IndexNumbered(s.Number); !inPlace && c != nil && m.desc.IndexShape(c) == m.rec.Table.IndexShape(s) {
			p.parts = p.parts.With(s.Number, part)
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
		p.parts, p.build[i], p.into = p.parts.With(c.Number, part), true, append(p.into, part)
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
		m.adopt(rec, p.parts)
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
		m.adopt(rec, p.parts)
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
		Fix: "open it with store.WithMigrate() again when no other program uses it"})
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
		t.UseParts(p.parts)
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
		m.adopt(rec, p.parts)
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
