package provider

import (
	"fmt"

	"github.com/storegen/storegen/internal/view"
	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/record"

	"github.com/storegen/storegen/runtime/rawstore"
)

// decoder turns the bytes of rows into the values of some columns. Each column
// has one source: the key, the columns of an index entry, or fields in the wire
// format, which are the row's value or what an entry includes.
type decoder struct {
	def    *TableDef
	wanted ColSet
	asked  []bool  // by column: the wanted ones
	values []Value // by column; borrowed

	key     []component // up to the last one that is wanted
	whole   bool        // the key is one text, which needs no taking apart
	columns []component
	fields  []field       // the scalars
	nums    record.Fields // of those
	docs    []field
	// rows says that the values of rows must be read.
	rows bool

	text    []byte // of the documents
	body    []byte // what the fields were decoded from
	scratch scratch
}

// field is a field in the wire format.
type field struct {
	column int
	num    int
	typ    *catalog.Type
	text   bool  // kept as the bytes that it has in the wire format
	zero   Value // where it is absent
	null   bool  // may be absent
}

// newDecoder prepares to decode the wanted columns from a path.
func newDecoder(d *TableDef, p *Path, wanted ColSet) *decoder {
	dec := &decoder{def: d, wanted: wanted, asked: make([]bool, len(d.Columns)), values: make([]Value, len(d.Columns))}
	for _, col := range wanted.List() {
		dec.asked[col] = true
	}
	left := wanted.Clone()
	take := func(parts []component, usable func(*component) bool) []component {
		n := 0
		for i := range parts {
			if c := &parts[i]; usable(c) && left.Has(c.column) {
				n = i + 1
			}
		}
		out := append([]component(nil), parts[:n]...)
		for i := range out {
			if !usable(&out[i]) || !left.Has(out[i].column) {
				out[i].column = -1 // passed over
				continue
			}
			left.remove(out[i].column)
		}
		return out
	}
	dec.key = take(d.key, func(*component) bool { return true })
	dec.whole = len(dec.key) == 1 && dec.key[0].last && !dec.key[0].desc && isText(dec.key[0].typ.Kind)
	covered := left.Within(p.Covering)
	if p.Index >= 0 && covered {
		dec.columns = take(p.parts, func(c *component) bool { return !c.fold && !c.each })
	}
	for _, col := range left.List() {
		c := &d.Columns[col]
		f := field{column: col, num: d.Source.Fields[c.Field].Number, typ: c.Type, null: c.Nullable}
		if c.Document() {
			dec.docs = append(dec.docs, f)
			continue
		}
		if !c.Nullable {
			f.zero = zeroOf(c.Type)
		}
		f.text = isText(c.Type.Kind)
		dec.fields = append(dec.fields, f)
		dec.nums.Add(f.num)
	}
	dec.rows = !covered || p.Index < 0 && left.Len() > 0
	return dec
}

func (s ColSet) remove(column int) { s[column/64] &^= 1 << (column % 64) }

var zeroUUID = string(make([]byte, 16))

// zeroOf is the value of a field that is not optional and not there.
func zeroOf(t *catalog.Type) Value {
	switch t.Kind {
	case catalog.UUID:
		return Value{kind: uint8(catalog.UUID), str: zeroUUID}
	case catalog.Timestamp:
		return Value{kind: uint8(catalog.Timestamp), num: -fromYearOne & (1<<64 - 1)}
	case catalog.Enum:
		return Enum(t, 0)
	case catalog.JSON:
		return JSON("null")
	}
	return Value{kind: uint8(t.Kind)}
}

// row decodes the row that a cursor stands on.
func (d *decoder) row(c *rawstore.Cursor) error {
	switch {
	case d.whole:
		d.values[d.key[0].column] = Value{kind: uint8(d.key[0].typ.Kind), str: view.String(c.Key())}
	case len(d.key) > 0:
		r := keys.NewReader(c.Key())
		if err := d.components(&r, d.key, "the key"); err != nil {
			return err
		}
	}
	if len(d.columns) > 0 {
		r := keys.NewReader(c.Columns())
		if err := d.components(&r, d.columns, "the index entry"); err != nil {
			return err
		}
	}
	if len(d.fields) == 0 && len(d.docs) == 0 {
		return nil
	}
	body := c.Include()
	if d.rows {
		body = c.Value()
	}
	return d.record(body)
}

func (d *decoder) components(r *keys.Reader, parts []component, of string) error {
	for i := range parts {
		v := parts[i].read(r)
		if parts[i].column >= 0 {
			d.values[parts[i].column] = v
		}
	}
	if err := r.Err(); err != nil {
		return fmt.Errorf("%s: %w", of, err)
	}
	return nil
}

// record decodes fields in the wire format.
func (d *decoder) record(body []byte) error {
	for i := range d.fields {
		d.values[d.fields[i].column] = d.fields[i].zero
	}
	if len(d.fields) > 0 {
		r := record.NewReader(body)
		for r.NextOf(d.nums) {
			num := r.Num()
			for i := range d.fields {
				f := &d.fields[i]
				if f.num != num {
					continue
				}
				if f.text {
					d.values[f.column] = Value{kind: uint8(f.typ.Kind), str: r.String()}
				} else {
					d.values[f.column] = readScalar(&r, f.typ)
				}
				break
			}
		}
		if err := r.Err(); err != nil {
			return err
		}
	}
	d.text, d.body = d.text[:0], body
	for i := range d.docs {
		f := &d.docs[i]
		start := len(d.text)
		text, present, err := d.scratch.field(d.text, body, f.num, f.typ)
		if err != nil {
			return fmt.Errorf("%s: %w", d.def.Columns[f.column].Name, err)
		}
		d.text = text
		if f.null && !present {
			d.values[f.column] = Value{}
			continue
		}
		d.values[f.column] = JSON(view.String(d.text[start:]))
	}
	return nil
}

// contains looks for a value among the elements of the list in a column. The row
// has been decoded, so that its bytes are good.
func (d *decoder) contains(column int, elem Value) bool {
	for i := range d.docs {
		if f := &d.docs[i]; f.column == column && f.typ.Kind == catalog.List {
			return d.scratch.contains(d.body, f.num, f.typ.Elem, elem)
		}
	}
	return false
}

// readScalar reads the current field. The value shares memory with the input.
func readScalar(r *record.Reader, t *catalog.Type) Value {
	switch t.Kind {
	case catalog.Bool:
		return Bool(r.Bool())
	case catalog.Int32:
		return Int32(r.Int32())
	case catalog.Int64:
		return Int64(r.Int64())
	case catalog.Uint32:
		return Uint32(r.Uint32())
	case catalog.Uint64:
		return Uint64(r.Uint64())
	case catalog.Float64:
		return Float64(r.Float64())
	case catalog.Timestamp:
		return Time(r.Time())
	case catalog.Duration:
		return Duration(r.Duration())
	case catalog.UUID:
		if r.UUID(); r.Err() != nil {
			return Value{}
		}
		return Value{kind: uint8(catalog.UUID), str: r.String()}
	case catalog.Enum:
		return Enum(t, r.Enum())
	}
	return Value{kind: uint8(t.Kind), str: r.String()}
}
