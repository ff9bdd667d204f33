package provider

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/record"
	"github.com/storegen/storegen/runtime/store"
)

// Assignment gives a column a value; null takes the value of a column that is
// nullable away, and empties a list or map.
type Assignment struct {
	Column int
	Value  Value
}

// Insert implements Mutable.
func (p *Provider) Insert(ctx context.Context, s Scope, values []Value) ([]byte, error) {
	key, body, err := p.def.EncodeRow(values)
	if err == nil {
		key, err = p.in(s).Insert(ctx, key, body)
	}
	if err != nil {
		return nil, p.fail("insert", err)
	}
	return key, nil
}

// writable refuses tables whose rows are more than their columns.
func (d *TableDef) writable() error {
	if d.Source.Form == catalog.Fields {
		return nil
	}
	return invalid("", "has %s, of which columns are a part: write them by the store in Go", d.Source.Form)
}

// EncodeRow is the encoded key and value of a new row, from the value of each column, as
// Insert writes it before defaults. Tables that are not open take it too: see dynamic.Load.
func (d *TableDef) EncodeRow(values []Value) (key, body []byte, err error) {
	if err := d.writable(); err != nil {
		return nil, nil, err
	}
	if len(values) != len(d.Columns) {
		return nil, nil, invalid("", "%d values for %d columns", len(values), len(d.Columns))
	}
	parts := make([]Value, len(d.Key))
	for i, col := range d.Key {
		if parts[i] = values[col]; parts[i].IsNull() {
			c := &d.Columns[col]
			if d.ColumnOf(c.Field) != col || d.Source.Fields[c.Field].Default == nil {
				return nil, nil, invalid(c.Name, "is part of the key and may not be null")
			}
			parts[i] = kind.Of(c.Kind).Zero(&c.Type.Params) // in whose place the default comes
		}
	}
	if key, err = d.EncodeKey(nil, parts...); err != nil {
		return nil, nil, err
	}
	for i := range d.Columns {
		c := &d.Columns[i]
		if c.InKey {
			continue
		}
		if body, err = c.appendField(body, d.number(c), values[i]); err != nil {
			return nil, nil, err
		}
	}
	return key, body, nil
}

func (d *TableDef) number(c *Column) int { return d.Source.Fields[c.Field].Number }

// Update implements Mutable.
func (p *Provider) Update(ctx context.Context, s Scope, key []byte, set []Assignment) error {
	err := p.def.writable()
	if err != nil {
		return p.fail("update", err)
	}
	change, err := p.change(key, set)
	if err == nil {
		err = p.in(s).Update(ctx, key, change)
	}
	return p.fail("update", err)
}

// change prepares what an update does to a row's value: the fields assigned are
// cut out, and the new ones put behind the rest.
func (p *Provider) change(key []byte, set []Assignment) (func(value []byte) ([]byte, error), error) {
	var numbers []int
	var fields []byte
	done := ColSet{}
	for _, a := range set {
		if a.Column < 0 || a.Column >= len(p.def.Columns) {
			return nil, invalid("", "there is no column %d", a.Column)
		}
		c := &p.def.Columns[a.Column]
		if done.Has(a.Column) {
			return nil, invalid(c.Name, "is assigned twice")
		}
		done.Add(a.Column)
		if c.InKey {
			if err := p.sameKey(key, a); err != nil {
				return nil, err
			}
			continue
		}
		if a.Value.IsNull() {
			empties := c.Type.Kind == kind.List || c.Type.Kind == kind.Map
			switch {
			case c.fixed:
				return nil, invalid(c.Name, "cannot be written as a document, since parts of it are hidden")
			case !c.Nullable && !empties:
				return nil, invalid(c.Name, "may not be null")
			}
		}
		num := p.def.number(c)
		numbers = append(numbers, num)
		var err error
		if fields, err = c.appendField(fields, num, a.Value); err != nil {
			return nil, err
		}
	}
	return func(value []byte) ([]byte, error) {
		out := make([]byte, 0, len(value)+len(fields))
		r := record.NewReader(value)
		for r.Next() {
			if !slices.Contains(numbers, r.Num()) {
				out = r.AppendRaw(out)
			}
		}
		return append(out, fields...), r.Err()
	}, nil
}

// Mover is a Mutable that changes keys of rows. Provider is one.
type Mover interface {
	Mutable
	// Move is Update where columns of the key are changed too: the row goes, and comes
	// back under its new key with all that it had, hidden fields included. It wants a
	// transaction: Scope.Tx. Where it is refused, the row may be gone, and the
	// transaction is to be rolled back, to a savepoint before it or as a whole.
	Move(ctx context.Context, s Scope, key []byte, set []Assignment) (moved []byte, err error)
}

var _ Mover = (*Provider)(nil)

// Move implements Mover.
func (p *Provider) Move(ctx context.Context, s Scope, key []byte, set []Assignment) ([]byte, error) {
	moved, err := p.move(ctx, s, key, set)
	return moved, p.fail("update", err)
}

func (p *Provider) move(ctx context.Context, s Scope, key []byte, set []Assignment) ([]byte, error) {
	if err := p.def.writable(); err != nil {
		return nil, err
	}
	if s.Tx == nil {
		return nil, invalid("", "a key is changed in a transaction: Scope.Tx is missing")
	}
	parts, err := p.def.DecodeKey(key)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", store.ErrInvalid, err)
	}
	var rest []Assignment
	for _, a := range set {
		i := slices.Index(p.def.Key, a.Column)
		if i < 0 {
			rest = append(rest, a)
			continue
		}
		if parts[i] = a.Value; a.Value.IsNull() {
			return nil, invalid(p.def.Columns[a.Column].Name, "is part of the key and may not be null")
		}
	}
	moved, err := p.def.EncodeKey(nil, parts...)
	if err != nil {
		return nil, err
	}
	change, err := p.change(key, rest)
	if err != nil {
		return nil, err
	}
	raw := p.in(s)
	if bytes.Equal(moved, key) {
		return moved, raw.Update(ctx, key, change)
	}
	body, err := raw.Get(ctx, key)
	if err != nil {
		return nil, err
	}
	if body, err = change(body); err != nil {
		return nil, err
	}
	if _, err := raw.Delete(ctx, key); err != nil {
		return nil, err
	}
	if moved, err = raw.Insert(ctx, moved, body); err != nil {
		return nil, err
	}
	for i := range p.def.Source.Fields {
		if p.def.Source.Fields[i].Default != nil {
			// The row is new to the store, and has defaults in the place of zeros.
			return moved, raw.Update(ctx, moved, func([]byte) ([]byte, error) { return body, nil })
		}
	}
	return moved, nil
}

// sameKey lets a column of the key be assigned the value that it has.
func (p *Provider) sameKey(key []byte, a Assignment) error {
	c := &p.def.Columns[a.Column]
	v, err := c.convert(a.Value)
	if err != nil {
		return err
	}
	r := keys.NewReader(key)
	for i := range p.def.key {
		has := p.def.key[i].read(&r)
		if p.def.key[i].column == a.Column && r.Err() == nil && has.Compare(v) != 0 {
			return invalid(c.Name, "is part of the key, which an update cannot change: insert the new row and delete the old one in a transaction")
		}
	}
	if err := r.Done(); err != nil {
		return fmt.Errorf("%w: %w", store.ErrInvalid, err)
	}
	return nil
}

// Delete implements Mutable.
func (p *Provider) Delete(ctx context.Context, s Scope, key []byte) (bool, error) {
	there, err := p.in(s).Delete(ctx, key)
	return there, p.fail("delete", err)
}

// DecodeKey returns the values of the key's columns, in the order of Key. They
// share memory with the encoded key.
func (d *TableDef) DecodeKey(key []byte) ([]Value, error) {
	r := keys.NewReader(key)
	out := make([]Value, len(d.key))
	for i := range d.key {
		out[i] = d.key[i].read(&r)
	}
	if err := r.Done(); err != nil {
		return nil, fmt.Errorf("key of %s: %w", d.Name, err)
	}
	return out, nil
}
