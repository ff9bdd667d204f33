package catalog

import (
	"errors"
	"fmt"
	"slices"

	"github.com/storegen/storegen/runtime/kind"
)

// Check tells whether a description is whole, so that nothing that works with it
// can be led astray: positions point to fields, types have their parts, numbers
// differ. Descriptions that code carries are; one that was read from a database
// may be damaged.
func (t *Table) Check() error {
	if t.Name == "" {
		return errors.New("the table has no name")
	}
	if t.Form != Fields && t.Form != Message && t.Form != Own {
		return fmt.Errorf("rows in the unknown form %q", string(t.Form))
	}
	if err := checkFields("fields", t.Fields); err != nil {
		return err
	}
	if err := checkFields("parts of the family", t.Per); err != nil {
		return err
	}
	if len(t.Key) == 0 {
		return errors.New("the table has no key")
	}
	for i, f := range t.Key {
		switch {
		case !t.has(f):
			return fmt.Errorf("the key has no field at %d", f)
		case slices.Contains(t.Key[:i], f):
			return fmt.Errorf("the key has field %s twice", t.Fields[f].Name)
		case !t.Fields[f].Type.inKeys():
			return fmt.Errorf("the key cannot have field %s, which is %s", t.Fields[f].Name, t.Fields[f].Type.Kind)
		}
	}
	for i := range t.Indexes {
		ix := &t.Indexes[i]
		if t.IndexNumbered(ix.Number) != ix {
			return fmt.Errorf("index number %d is there twice", ix.Number)
		}
		if err := t.checkIndex(ix); err != nil {
			return fmt.Errorf("index %s: %w", ix.Name, err)
		}
	}
	return errors.Join(t.checkBlind(), t.checkTTL())
}

func (t *Table) has(field int) bool { return field >= 0 && field < len(t.Fields) }

func (t *Table) checkIndex(ix *Index) error {
	if ix.Number <= 0 {
		return fmt.Errorf("number %d is none that an index has", ix.Number)
	}
	if len(ix.Columns) == 0 {
		return errors.New("it has no columns")
	}
	for _, c := range ix.Columns {
		if !t.has(c.Field) {
			return fmt.Errorf("a column has no field at %d", c.Field)
		}
		typ := &t.Fields[c.Field].Type
		if c.Each {
			if typ.Kind != kind.List {
				return fmt.Errorf("each element of %s, which is %s", t.Fields[c.Field].Name, typ.Kind)
			}
			typ = typ.Elem
		}
		if typ.Kind == kind.Struct || !typ.inKeys() {
			return fmt.Errorf("a column cannot be %s", typ.Kind)
		}
	}
	for _, f := range ix.Include {
		if !t.has(f) {
			return fmt.Errorf("it includes no field at %d", f)
		}
	}
	if ix.Where == nil {
		return nil
	}
	return t.checkExpr(ix.Where)
}

func (t *Table) checkExpr(e *Expr) error {
	args := 0
	switch e.Op {
	case Lit:
	case FieldOf, LenOf, Has, True:
		if !t.has(e.Field) {
			return fmt.Errorf("its condition has no field at %d", e.Field)
		}
	case Not:
		args = 1
	case Eq, Ne, Lt, Le, Gt, Ge:
		args = 2
	case And, Or:
		args = len(e.Args)
	default:
		return fmt.Errorf("its condition has the unknown operation %q", e.Op)
	}
	if len(e.Args) != args {
		return fmt.Errorf("its condition has %d arguments of %q", len(e.Args), e.Op)
	}
	for i := range e.Args {
		if err := t.checkExpr(&e.Args[i]); err != nil {
			return err
		}
	}
	return nil
}

func (t *Table) checkBlind() error {
	if t.Blind && (len(t.Indexes) > 0 || t.TTL != nil) {
		return errors.New("puts do not read, and have indexes or an expiry to keep in step")
	}
	return nil
}

func (t *Table) checkTTL() error {
	if t.TTL == nil {
		return nil
	}
	if !t.has(t.TTL.From) || t.Fields[t.TTL.From].Type.Kind != kind.Timestamp {
		return fmt.Errorf("rows cannot expire by the field at %d", t.TTL.From)
	}
	if t.TTL.KeepField == 0 {
		return nil
	}
	if keep := t.TTL.KeepField - 1; t.has(keep) {
		if k := t.Fields[keep].Type.Kind; k.Integer() || k == kind.Duration {
			return nil
		}
	}
	return fmt.Errorf("rows cannot be kept for what the field at %d says", t.TTL.KeepField-1)
}

func checkFields(what string, fields []Field) error {
	var numbers seenNumbers
	for i := range fields {
		f := &fields[i]
		// The parts of a family's key, and the fields of a key's struct, are not on
		// the wire and may have no number.
		if f.Number < 0 || f.Number > 0 && numbers.add(f.Number) {
			return fmt.Errorf("%s: number %d of %s is impossible or there twice", what, f.Number, f.Name)
		}
		if err := f.Type.check(); err != nil {
			return fmt.Errorf("%s: %s: %w", what, f.Name, err)
		}
	}
	return nil
}

// seenNumbers is a set of numbers of fields, which mostly are small.
type seenNumbers struct {
	low  uint64 // a bit for each below 64
	high map[int]bool
}

// add puts a number into the set, and tells whether it was there.
func (s *seenNumbers) add(n int) (twice bool) {
	if n < 64 {
		twice = s.low>>n&1 != 0
		s.low |= 1 << n
		return twice
	}
	if s.high == nil {
		s.high = map[int]bool{}
	}
	twice = s.high[n]
	s.high[n] = true
	return twice
}

func (t *Type) check() error {
	switch t.Kind {
	case kind.List, kind.Map:
		if t.Elem == nil {
			return fmt.Errorf("a %s of nothing", t.Kind)
		}
		if t.Kind == kind.Map && !t.KeyKind().KeysMaps() {
			return fmt.Errorf("a map whose keys have the kind %d", int(t.KeyKind()))
		}
		if t.Len < 0 || t.Len > kind.MaxArray || t.Len > 0 && t.Kind != kind.List {
			return fmt.Errorf("a %s of %d elements", t.Kind, t.Len)
		}
		return t.Elem.check()
	case kind.Struct:
		return checkFields("struct "+t.Name, t.Fields)
	}
	if !t.Kind.Known() {
		return fmt.Errorf("unknown kind %d", int(t.Kind))
	}
	if row := kind.Of(t.Kind); row.CheckForm != nil {
		return row.CheckForm(&t.Params)
	}
	return nil
}

// inKeys reports whether values of the type may be a part of a key: scalars, and
// structs of such.
func (t *Type) inKeys() bool {
	if t.Kind == kind.Struct {
		return !slices.ContainsFunc(t.Fields, func(f Field) bool { return !f.Type.inKeys() })
	}
	return t.Kind.InKeys()
}
