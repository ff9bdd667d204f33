package proof

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/storegen/storegen/internal/madeup"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/dynamic"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/store"
)

// World is a few tables with rows, in a store and as SQLite's own.
type World struct {
	Seed         uint64
	DB           *store.DB
	Ours, Native *Side
	Descs        []*catalog.Table
	Tables       []*Table

	// Writable says that native tables have the rules of the store's.
	Writable bool
	// Visible tells which rows the principal of Ours may see; nil is all of them.
	Visible func(t *catalog.Table, row []kind.Value) bool

	made  []*dynamic.Table
	rows  [][][]kind.Value
	close []func() error
}

// Opener opens what is to be proved over a database with the tables of a world.
type Opener func(ctx context.Context, w *World) (*Side, error)

// NewWorld makes up the world of a seed.
func NewWorld(ctx context.Context, seed uint64, open Opener) (*World, error) {
	rng := rand.New(rand.NewPCG(seed, 1))
	w, err := build(ctx, open, func(w *World) error {
		for i, name := range []string{"made.one", "made.two"} {
			p, err := w.table(ctx, MakeTable(rng, name, int(seed%1000)*2+i))
			if err != nil {
				return err
			}
			rows, err := Fill(ctx, rng, p, pick(rng, []int{3, 20, 40, 80}))
			if err != nil {
				return fmt.Errorf("%w\n%s", err, w.Describe())
			}
			w.rows = append(w.rows, rows)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("the world of seed %d: %w", seed, err)
	}
	w.Seed = seed
	return w, nil
}

// table makes a table in the store.
func (w *World) table(ctx context.Context, d *catalog.Table) (*provider.Provider, error) {
	t, err := dynamic.Open(ctx, w.DB, d)
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, madeup.Describe(d))
	}
	w.Descs, w.made = append(w.Descs, d), append(w.made, t)
	return provider.New(t), nil
}

// build makes a world of tables that a function makes and fills.
func build(ctx context.Context, open Opener, fill func(w *World) error) (w *World, err error) {
	w = &World{}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.Close())
		}
	}()
	if w.DB, err = store.Open(ctx, memory.New()); err != nil {
		return w, err
	}
	w.close = append(w.close, w.DB.Close)
	if err := fill(w); err != nil {
		return w, err
	}
	if w.Ours, err = open(ctx, w); err != nil {
		return w, err
	}
	w.close = append(w.close, w.Ours.Close)
	if w.Native, err = NewNative(); err != nil {
		return w, err
	}
	w.close = append(w.close, w.Native.Close)
	for i := range w.made {
		if err := w.add(i); err != nil {
			return w, err
		}
	}
	return w, nil
}

// Close closes all that is open.
func (w *World) Close() error {
	var errs []error
	for _, f := range slices.Backward(w.close) {
		errs = append(errs, f())
	}
	return errors.Join(errs...)
}

// SQLName is the name of a table in SQL.
func SQLName(name string) string { return strings.ReplaceAll(name, ".", "_") }

// add copies a table, after a look at whether it shows what was written.
func (w *World) add(i int) error {
	name := SQLName(w.Descs[i].Name)
	def := provider.New(w.made[i]).Def()
	var want Answer
	var names []string
	for _, c := range def.Columns {
		names = append(names, quoted(c.Name))
	}
	var stored [][]Value
	for _, row := range w.rows[i] {
		var show []Value
		for _, v := range row {
			show = append(show, shows(v))
		}
		stored = append(stored, show)
		if w.Visible == nil || w.Visible(w.Descs[i], row) {
			want.Rows = append(want.Rows, show)
		}
	}
	got := w.Ours.Run("select " + strings.Join(names, ", ") + " from " + quoted(name))
	if got.Err != nil {
		return got.Err
	}
	if diff := sameRows(want, got, false); diff != "" {
		return fmt.Errorf("a full scan does not show what was written (native is what was written): %s\n%s", diff, madeup.Describe(w.Descs[i]))
	}
	var rules []string
	notNull := map[string]bool{}
	if w.Writable {
		var err error
		if rules, err = w.Native.constraints(def); err != nil {
			return err
		}
		for _, c := range def.Columns {
			notNull[c.Name] = !c.Nullable
		}
	}
	if err := w.Native.Native(w.Ours, name, notNull, rules...); err != nil {
		return err
	}
	t := &Table{Name: quoted(name), Key: def.Key, Rows: len(got.Rows)}
	for c := range def.Columns {
		col := Column{Name: quoted(def.Columns[c].Name), Kind: def.Columns[c].Kind, List: def.Columns[c].Type.Kind == kind.List}
		for _, r := range stored[:min(len(stored), 12)] {
			col.Samples = append(col.Samples, r[c])
		}
		t.Columns = append(t.Columns, col)
	}
	for _, p := range def.Paths {
		var path Path
		for _, c := range p.Columns {
			path.Columns = append(path.Columns, PathColumn{Column: c.Column, Desc: c.Desc, Each: c.Each, Fold: c.Fold})
		}
		t.Paths = append(t.Paths, path)
	}
	w.Tables = append(w.Tables, t)
	return nil
}

// Describe is a world as reports show it.
func (w *World) Describe() string {
	var b strings.Builder
	for _, d := range w.Descs {
		b.WriteString(madeup.Describe(d))
	}
	return b.String()
}
