package kinds

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/storegen/storegen/internal/torture/dynamic"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/storeimpl"
)

// types are the types of a kind that are tried: of one whose types have numbers those
// with small and great ones.
func types(row *kind.Scalar) []kind.Params {
	switch {
	case row.Kind == kind.Enum:
		return []kind.Params{{Values: []kind.EnumValue{{Name: "low", Number: 1}, {Name: "mid", Number: 300}, {Name: "high", Number: 2}}}}
	case row.Form == "":
		return []kind.Params{{}}
	}
	out := []kind.Params{row.FormExample}
	sizes := []int{1, 38}
	if *every {
		sizes = []int{1, 18, 38, 255}
	}
	for _, n := range sizes {
		for _, scale := range []int{0, n} {
			var p kind.Params
			for hole, at := range map[string]*int{"$size": &p.Size, "$precision": &p.Precision} {
				if strings.Contains(row.Form, hole) {
					*at = n
				}
			}
			if strings.Contains(row.Form, "$scale") {
				p.Scale = scale
			}
			known := slices.ContainsFunc(out, func(o kind.Params) bool { return kind.TypeText(row.Kind, &o) == kind.TypeText(row.Kind, &p) })
			if !known && row.CheckForm(&p) == nil {
				out = append(out, p)
			}
		}
	}
	return out
}

func TestEveryKindInEveryPlace(t *testing.T) {
	for _, row := range kind.Scalars() {
		for _, p := range types(row) {
			t.Run(kind.TypeText(row.Kind, &p), func(t *testing.T) {
				if err := places(row, p); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// places writes values of a type to all places and reads them by all ways. What panics
// is an error.
func places(row *kind.Scalar, p kind.Params) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	s, err := newSubject(row, p)
	if err != nil {
		return err
	}
	ctx := context.Background()
	w := &world{subject: s, ctx: ctx, eng: memory.New()}
	if err := w.open(); err != nil {
		return err
	}
	defer w.db.Close()
	for _, step := range []struct {
		name string
		run  func() error
	}{
		{"write", w.write}, {"get", w.get}, {"walk", w.walk}, {"columns", w.columns}, {"query", w.queries}, {"contains", w.contains},
		{"unique", w.unique}, {"wrong values", w.wrong}, {"keys", w.keyTables}, {"verify", w.verify}, {"open again", w.again},
	} {
		if err := step.run(); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	return nil
}

type world struct {
	*subject
	ctx   context.Context
	eng   engine.Engine
	db    *store.DB
	codec *dynamic.Codec
	table *store.Table[string, dynamic.Row]
	p     *provider.Provider
	rows  []*dynamic.Row // as they are to be read, in the order of their keys
}

// shared is an engine that several databases use in turn, and none closes.
type shared struct{ engine.Engine }

func (shared) Close() error { return nil }

func (w *world) open() (err error) {
	w.codec = dynamic.New(w.subject.table())
	if err := w.codec.Desc().Check(); err != nil {
		return err
	}
	if w.db, err = store.Open(w.ctx, shared{w.eng}); err != nil {
		return err
	}
	if w.table, err = storeimpl.OpenTyped(w.ctx, w.db, w.codec); err != nil {
		return err
	}
	w.p = provider.New(w.table)
	return nil
}

func (w *world) fields() []catalog.Field { return w.codec.Desc().Fields }

// write writes the rows in turn as typed code does, through a provider, and by a change
// of a row that is there.
func (w *world) write() error {
	for i, r := range w.subject.rows() {
		if err := w.writeRow(i%3, r); err != nil {
			return fmt.Errorf("row %d: %w", i, err)
		}
		w.rows = append(w.rows, w.stored(r))
	}
	return nil
}

func (w *world) writeRow(how int, r *dynamic.Row) error {
	if how == 0 {
		return w.table.Insert(w.ctx, r)
	}
	values := w.values(r)
	other := slices.Clone(values)
	if how == 2 {
		other[field], other[optional] = w.value(0, false), w.value(1, false)
	}
	key, err := w.p.Insert(w.ctx, provider.Scope{}, other)
	if err != nil || how == 1 {
		return err
	}
	return w.p.Update(w.ctx, provider.Scope{}, key, []provider.Assignment{{Column: field, Value: values[field]}, {Column: optional, Value: values[optional]}})
}

// values are those of the columns, of which each field has one.
func (w *world) values(r *dynamic.Row) []provider.Value {
	var out []provider.Value
	for i, f := range w.fields() {
		v, _ := r.Fields[i].(kind.Value)
		if !f.Type.Kind.Scalar() {
			v = provider.JSON(document(&f.Type, r.Fields[i]))
		}
		out = append(out, v)
	}
	return out
}

func (w *world) verify() error {
	v, err := admin.Verify(w.ctx, w.db, admin.VerifyOptions{Lookups: true})
	if err == nil && v.Findings > 0 {
		err = fmt.Errorf("%d findings", v.Findings)
	}
	return err
}

// again opens the table with the description that the database has of it, which was
// stored and read, and then with another type, which is refused with both types.
func (w *world) again() error {
	w.db.Close()
	if err := w.open(); err != nil {
		return err
	}
	stored, err := w.db.Tables(w.ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(stored, func(s store.Stored) bool { return s.Table.Name == w.codec.Desc().Name })
	w.codec = dynamic.New(stored[i].Table)
	if w.table, err = storeimpl.OpenTyped(w.ctx, w.db, w.codec); err != nil {
		return err
	}
	if err := errors.Join(w.get(), w.walk()); err != nil {
		return err
	}
	w.db.Close()
	if w.db, err = store.Open(w.ctx, shared{w.eng}); err != nil {
		return err
	}
	other := w.subject.table()
	other.Fields[field].Type = catalog.Type{Kind: kind.Int64}
	if w.row.Kind == kind.Int64 {
		other.Fields[field].Type.Kind = kind.String
	}
	_, err = storeimpl.OpenTyped(w.ctx, w.db, dynamic.New(other))
	if !errors.Is(err, store.ErrSchema) || !strings.Contains(err.Error(), kind.Shape(w.row.Kind, &w.typ.Params)) {
		return fmt.Errorf("another type: %v", err)
	}
	return nil
}
