package queries

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/store"
)

// Filled writes rows to a table through its provider, as generated code checks and
// indexes them, and asks queries between the writes: of the latest state, and of a
// transaction that has written. What must show is what a scan of all rows shows.
func Filled(ctx context.Context, seed uint64, db *store.DB, t provider.Mutable, queries int) (Seen, error) {
	f := &filled{asker: asker{Rand: rand.New(rand.NewPCG(seed, 0)), t: t, def: t.Def(), seen: &Seen{}}, ctx: ctx, m: t}
	for range rounds {
		tx, err := db.Begin(ctx)
		if err != nil {
			return *f.seen, err
		}
		err = f.round(provider.Scope{Tx: tx.Tx()}, queries/rounds/2)
		if err == nil {
			err = tx.Commit()
		} else {
			tx.Rollback()
		}
		if err == nil {
			err = f.round(provider.Scope{}, queries/rounds/2)
		}
		if err != nil {
			return *f.seen, fmt.Errorf("table %s of seed %d: %w", t.Def().Name, seed, err)
		}
	}
	return *f.seen, nil
}

type filled struct {
	asker
	ctx context.Context
	m   provider.Mutable
}

func (f *filled) round(s provider.Scope, queries int) error {
	for range 5 + f.IntN(20) {
		if err := f.write(s); err != nil {
			return err
		}
	}
	rows, err := f.rows(s)
	if err != nil {
		return err
	}
	for range queries {
		if err := f.ask(f.ctx, s, rows); err != nil {
			return err
		}
	}
	return nil
}

// write inserts, changes or deletes a row. What the schema refuses is no error.
func (f *filled) write(s provider.Scope) error {
	values := make([]provider.Value, len(f.def.Columns))
	for i := range f.def.Columns {
		values[i] = f.valueOf(&f.def.Columns[i])
	}
	key, err := f.m.Insert(f.ctx, s, values)
	switch {
	case refusal(err):
		return nil
	case err != nil:
		return err
	}
	switch f.IntN(6) {
	case 0:
		_, err = f.m.Delete(f.ctx, s, key)
	case 1:
		i := f.IntN(len(values))
		if c := &f.def.Columns[i]; !c.InKey {
			err = f.m.Update(f.ctx, s, key, []provider.Assignment{{Column: i, Value: f.valueOf(c)}})
		}
	}
	if refusal(err) || errors.Is(err, store.ErrNotFound) {
		return nil // or it had expired when it was written
	}
	return err
}

func refusal(err error) bool {
	return errors.Is(err, store.ErrInvalid) || errors.Is(err, store.ErrExists) || errors.Is(err, store.ErrUnique)
}

func (f *filled) valueOf(c *provider.Column) provider.Value {
	switch {
	case c.Nullable && chance(f.Rand, 3):
		return provider.Value{}
	case c.Document():
		return provider.JSON(f.document(c.Type))
	}
	return scalar(f.Rand, c.Type)
}

// document makes up a document of a type.
func (f *filled) document(t *catalog.Type) string {
	var members []string
	switch t.Kind {
	case kind.List:
		for range f.IntN(4) {
			members = append(members, f.document(t.Elem))
		}
		return "[" + strings.Join(members, ",") + "]"
	case kind.Map:
		keys := []string{"a", "b", "c"}
		if t.KeyKind() != kind.String {
			keys = []string{"0", "7", "100"}
		}
		for _, key := range keys {
			if chance(f.Rand, 2) {
				members = append(members, provider.String(key).JSON()+":"+f.document(t.Elem))
			}
		}
		return "{" + strings.Join(members, ",") + "}"
	case kind.Struct:
		for i := range t.Fields {
			if field := &t.Fields[i]; !field.Optional || chance(f.Rand, 2) {
				members = append(members, provider.String(field.Name).JSON()+":"+f.document(&field.Type))
			}
		}
		return "{" + strings.Join(members, ",") + "}"
	}
	return scalar(f.Rand, t).JSON()
}

// rows are all rows, in the order of their keys.
func (f *filled) rows(s provider.Scope) ([]*known, error) {
	c, err := f.t.Scan(f.ctx, &provider.ScanRequest{Scope: s, Columns: f.def.All()})
	if err != nil {
		return nil, err
	}
	defer c.Close()
	var out []*known
	for c.Next() {
		k := &known{key: slices.Clone(c.Key())}
		for i := range f.def.Columns {
			v := fromValue(c.Value(i))
			if t := f.def.Columns[i].Type; t.Kind == kind.List && v != nil {
				if v, err = elementsOf(t.Elem, v.(kind.Value).Text()); err != nil {
					return nil, err
				}
			}
			k.columns = append(k.columns, v)
		}
		out = append(out, k)
	}
	return out, c.Close()
}
