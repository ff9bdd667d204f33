package queries

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/storegen/storegen/internal/madeup"
	"github.com/storegen/storegen/internal/torture/dynamic"
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/provider/plan"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/storeimpl"
)

// Made makes up the table of a number, writes to it, and asks queries between the
// writes. What it does follows from seed and number.
func Made(ctx context.Context, seed uint64, at, queries int) (Seen, error) {
	m := &made{Rand: rand.New(rand.NewPCG(seed, uint64(at))), ctx: ctx, clock: store.NewManualClock(start), rows: map[string]*dynamic.Row{}}
	m.codec = dynamic.New(makeTable(m.Rand, at))
	m.seen = &Seen{}
	err := m.run(queries)
	if err != nil {
		err = fmt.Errorf("table %d of seed %d: %w", at, seed, err)
	}
	return *m.seen, err
}

// made is a table that was made up, with the rows that it has.
type made struct {
	*rand.Rand
	ctx   context.Context
	clock *store.ManualClock
	db    *store.DB
	codec *dynamic.Codec
	table *store.Table[string, dynamic.Row]
	rows  map[string]*dynamic.Row // by key, with those that have expired
	seen  *Seen
}

const rounds = 6

func (m *made) run(queries int) (err error) {
	if m.db, err = store.Open(m.ctx, memory.New(), store.WithClock(m.clock)); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.db.Close()) }()
	if m.table, err = storeimpl.OpenTyped(m.ctx, m.db, m.codec); err != nil {
		return err
	}
	for range rounds {
		if err := m.writes(); err != nil {
			return err
		}
		for asked := 0; asked < queries/rounds; asked += 10 {
			if err := m.asks(10); err != nil {
				return err
			}
		}
	}
	return nil
}

// writes puts and deletes some rows, and lets time pass.
func (m *made) writes() error {
	for range 3 + m.IntN(12) {
		if err := m.write(m.table, m.rows); err != nil {
			return err
		}
	}
	m.clock.Advance(time.Duration(m.IntN(40)) * time.Minute)
	if chance(m.Rand, 3) {
		return m.deleteWhere()
	}
	return nil
}

// write puts or deletes a row, in a table and in what is known of it. A value that
// must be unique and is not, or one that is refused, changes nothing.
func (m *made) write(t *store.Table[string, dynamic.Row], rows map[string]*dynamic.Row) error {
	fields := m.codec.Desc().Fields
	r := &dynamic.Row{Fields: make([]any, len(fields))}
	for i := range fields {
		if f := &fields[i]; !f.Optional || chance(m.Rand, 2) {
			r.Fields[i] = anyOf(m.Rand, &f.Type)
		}
	}
	key := m.codec.Key(r)
	if chance(m.Rand, 5) {
		delete(rows, key)
		_, err := t.Delete(m.ctx, key)
		return err
	}
	err := t.Put(m.ctx, r)
	switch {
	case errors.Is(err, store.ErrUnique), errors.Is(err, store.ErrInvalid):
		return nil
	case err != nil:
		return err
	}
	rows[key] = r
	return nil
}

// visible is what shows of rows, to a principal if there is one.
func (m *made) visible(def *provider.TableDef, rows map[string]*dynamic.Row, who *access.Principal) []*known {
	var out []*known
	for _, key := range slices.Sorted(maps.Keys(rows)) {
		r := rows[key]
		if at, ok := m.codec.Expires(r, 0); ok && !m.clock.Now().Before(at) {
			continue
		}
		k := shown(def, key, r)
		if who != nil && m.codec.Desc().Access == access.Owned && k.columns[def.Key[0]].(kind.Value).Text() != who.User {
			continue
		}
		out = append(out, k)
	}
	return out
}

// who is a principal, or nil.
func (m *made) who() *access.Principal {
	if chance(m.Rand, 2) {
		return nil
	}
	return &access.Principal{User: scalar(m.Rand, &catalog.Type{Kind: kind.String}).Text(), Role: access.User}
}

// asks asks some queries of one state: the latest, that of a transaction which has
// written, or that of a snapshot which others have written after.
func (m *made) asks(n int) error {
	who := m.who()
	p := provider.New(m.table)
	var t provider.Table = p
	var s provider.Scope
	switch {
	case who == nil:
	case chance(m.Rand, 2):
		t = provider.Secure(p, *who)
	case chance(m.Rand, 2):
		t = provider.New(m.table.As(*who))
	default:
		s.Principal = who
	}
	rows := maps.Clone(m.rows)
	switch m.IntN(3) {
	case 0:
		tx, err := m.db.Begin(m.ctx)
		if err != nil {
			return err
		}
		defer tx.Rollback()
		for range m.IntN(6) {
			if err := m.write(m.table.In(tx.Tx()), rows); err != nil {
				return err
			}
		}
		s.Tx = tx.Tx()
	case 1:
		snap, err := m.db.Snapshot(m.ctx)
		if err != nil {
			return err
		}
		defer snap.Close()
		for range m.IntN(6) {
			if err := m.write(m.table, m.rows); err != nil {
				return err
			}
		}
		s.Tx = snap.Tx()
	}
	a := &asker{Rand: m.Rand, t: t, def: p.Def(), seen: m.seen}
	visible := m.visible(p.Def(), rows, who)
	for range n {
		if err := a.ask(m.ctx, s, visible); err != nil {
			return fmt.Errorf("%w\nas %v, in a transaction %t, at %s\n%s%s", err, who, s.Tx != nil, m.clock.Now(), madeup.Describe(m.codec.Desc()), m.text(rows))
		}
	}
	if s.Principal != nil {
		who = nil // scans are guarded then, and not the table
	}
	return m.stats(t, who)
}

// text lists rows, for messages.
func (m *made) text(rows map[string]*dynamic.Row) string {
	out := ""
	for _, key := range slices.Sorted(maps.Keys(rows)) {
		out += fmt.Sprintf("%q: %v\n", key, rows[key].Fields)
	}
	return out
}

// stats makes sure that a principal learns nothing of rows that are not its own.
func (m *made) stats(t provider.Table, who *access.Principal) error {
	s, err := t.Stats(m.ctx)
	if err == nil && s.Known && who != nil && m.codec.Desc().Access == access.Owned {
		return fmt.Errorf("%v learns of %d rows", who, s.Rows)
	}
	return err
}

// deleteWhere does what a statement does that deletes rows: it finds them by a
// plan, and deletes those that it is shown.
func (m *made) deleteWhere() error {
	p := provider.New(m.table)
	a := &asker{Rand: m.Rand, t: p, def: p.Def(), seen: m.seen}
	q := a.query()
	q.Order, q.Limit = nil, 0
	if len(q.Where) == 0 || wrong(p.Def(), &q) {
		return nil
	}
	c, _, err := plan.Select(m.ctx, p, provider.Scope{}, q, nil)
	if err != nil {
		return err
	}
	var found [][]byte
	for c.Next() {
		found = append(found, slices.Clone(c.Key()))
	}
	if err := c.Close(); err != nil {
		return err
	}
	for _, k := range answer(m.visible(p.Def(), m.rows, nil), &q) {
		delete(m.rows, string(k.key))
	}
	for _, key := range found {
		if _, err := p.Delete(m.ctx, provider.Scope{}, key); err != nil {
			return err
		}
		m.seen.Deleted++
	}
	return nil
}
