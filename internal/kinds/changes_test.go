package kinds

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/storegen/storegen/internal/torture/dynamic"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/storeimpl"
)

// Where the numbers of a type change, and plan calls that safe, all rows and entries read
// the same, in every place; and where stored bytes depend on the numbers, a database with
// others is refused.
func TestOtherNumbers(t *testing.T) {
	for _, row := range kind.Scalars() {
		if row.Form == "" {
			continue
		}
		safe := 0
		for _, was := range types(row) {
			for _, is := range types(row) {
				name := kind.TypeText(row.Kind, &was) + " to " + kind.TypeText(row.Kind, &is)
				var err error
				switch {
				case kind.Shape(row.Kind, &was) != kind.Shape(row.Kind, &is):
					err = refusedNumbers(row, was, is)
				case row.Narrower == nil || !row.Narrower(&was, &is):
					safe++
					err = safeNumbers(row, was, is)
				}
				if err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
		if !row.FormStored && safe <= len(types(row)) {
			t.Errorf("%s: %d changes are safe, which is none but to the same type", row.Name, safe)
		}
	}
}

func written(row *kind.Scalar, p kind.Params) (*world, error) {
	s, err := newSubject(row, p)
	if err != nil {
		return nil, err
	}
	w := &world{subject: s, ctx: context.Background(), eng: memory.New()}
	if err := w.open(); err != nil {
		return nil, err
	}
	return w, w.write()
}

func safeNumbers(row *kind.Scalar, was, is kind.Params) error {
	w, err := written(row, was)
	if err != nil {
		return err
	}
	if err := w.db.Close(); err != nil {
		return err
	}
	w.subject.typ.Params = is
	if err := w.open(); err != nil {
		return fmt.Errorf("open: %w", err)
	}
	defer w.db.Close()
	for _, read := range []func() error{w.get, w.walk, w.columns, w.queries, w.contains, w.verify} {
		if err := read(); err != nil {
			return err
		}
	}
	return nil
}

func refusedNumbers(row *kind.Scalar, was, is kind.Params) error {
	w, err := written(row, was)
	if err != nil {
		return err
	}
	if err := w.db.Close(); err != nil {
		return err
	}
	w.subject.typ.Params = is
	if err := w.open(); !errors.Is(err, store.ErrSchema) {
		return fmt.Errorf("opened with other numbers: %v", err)
	}
	defer w.db.Close()
	for _, ofStruct := range []bool{false, true} {
		eng := memory.New()
		for i, p := range []kind.Params{was, is} {
			s, err := newSubject(row, p)
			if err != nil {
				return err
			}
			db, err := store.Open(w.ctx, shared{eng})
			if err != nil {
				return err
			}
			_, err = storeimpl.OpenTyped(w.ctx, db, dynamic.New(s.keyTable(ofStruct)))
			if refused := errors.Is(err, store.ErrSchema); refused != (i == 1) {
				return fmt.Errorf("a key of it, in a struct %v: %v", ofStruct, err)
			}
			if err := db.Close(); err != nil {
				return err
			}
		}
	}
	return nil
}
