package provider

import (
	"fmt"
	"slices"

	"github.com/storegen/storegen/internal/view"
	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
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
	fields  []field       // the scalars, by their numbers
	nums    record.Fields // of those
	all     record.Fields // of the documents too
	docs    []field
	// rows says that the values of rows must be read.
	rows bool

	text    []byte // of the documents
	body    []byte // what the fields were decoded from
	scratch scratch
	parts   keys.Reader // of a key or an entry; its memory is used again
}

// field is a field in the wire format.
type field struct {
	column int
	num    int
	typ    *catalog.Type
	read   func(r *record.Reader, p *kind.Params) Value // of the kind's row
	text   bool                                         // kept as the bytes that it has in the wire format
	zero   Value                                        // where it is absent
	null   bool                                         // may be absent
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
	dec.whole = len(dec.key) == 1 && dec.key[0].last && !dec.key[0].Desc && dec.key[0].typ.Kind.Text()
	covered := left.Within(p.Covering)
	if p.Index >= 0 && covered {
		dec.columns = take(p.parts, func(c *component) bool { return !c.Mapped() && !c.Each })
	}
	for _, col := range left.List() {
		c := &d.Columns[col]
		dec.all.Add(d.Source.Fields[c.Field].Number)
		f := field{column: col, num: d.Source.Fields[c.Field].Number, typ: c.Type, null: c.Nullable}
		if c.Document() {
			dec.docs = append(dec.docs, f)
			continue
		}
		if !c.Nullable {
			f.zero = zeroOf(c.Type)
		}
		f.text, f.read = c.Type.Kind.Text(), kind.Of(c.Type.Kind).ReadWire
		dec.fields = append(dec.fields, f)
		dec.nums.Add(f.num)
	}
	slices.SortFunc(dec.fields, func(a, b field) int { return a.num - b.num })
	dec.rows = !covered || p.Index < 0 && left.Len() > 0
	return dec
}

func (s ColSet) remove(column int) { s[column/64] &^= 1 << (column % 64) }

// zeroOf is the value of a field that is not optional and not there.
func zeroOf(t *catalog.Type) Value { return kind.Of(t.Kind).Zero(&t.Params) }

// row decodes the row that a cursor stands on.
func (d *decoder) row(c *rawstore.Cursor) error {
	switch {
	case d.whole:
		d.values[d.key[0].column] = kind.TextOf(d.key[0].typ.Kind, view.String(c.Key()))
	case len(d.key) > 0:
		if err := d.components(c.Key(), d.key, "the key"); err != nil {
			return err
		}
	}
	if len(d.columns) > 0 {
		if err := d.components(c.Columns(), d.columns, "the index entry"); err != nil {
			return err
		}
	}
	if len(d.fields) == 0 && len(d.docs) == 0 {
		return nil
	}
	body := c.Include()
	if d.rows {
		var err error
		if body, err = c.Fields(d.all); err != nil {
			return err
		}
	}
	return d.record(body)
}

func (d *decoder) components(b []byte, parts []component, of string) error {
	r := &d.parts
	*r = keys.NewReader(b)
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
	if len(d.fields) > 0 {
		if err := d.scalars(body); err != nil {
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

// scalars decodes the fields that are no documents. Rows mostly have them in the order of
// their numbers, as d.fields is: each is looked for behind the one before.
func (d *decoder) scalars(body []byte) error {
	r := d.scratch.reader(body)
	next := 0 // the first field that has no value of this row
	for r.NextOf(d.nums) {
		num, at := r.Num(), next
		for at < len(d.fields) && d.fields[at].num < num {
			at++
		}
		if at < len(d.fields) && d.fields[at].num == num {
			d.absent(next, at)
			next = at + 1
		} else if at = d.before(next, num); at < 0 {
			continue // NextOf stops at more than is wanted
		}
		f := &d.fields[at]
		if f.text {
			d.values[f.column] = kind.TextOf(f.typ.Kind, r.String())
		} else {
			d.values[f.column] = f.read(r, &f.typ.Params)
		}
	}
	d.absent(next, len(d.fields))
	err := r.Err()
	d.scratch.close()
	return err
}

// absent gives fields the values that they have where they are not there.
func (d *decoder) absent(from, to int) {
	for i := from; i < to; i++ {
		d.values[d.fields[i].column] = d.fields[i].zero
	}
}

// before is the position of a field that comes behind greater ones, or once more; -1 where
// it is not wanted.
func (d *decoder) before(end, num int) int {
	for i := range d.fields[:end] {
		if d.fields[i].num == num {
			return i
		}
	}
	return -1
}

// contains looks for a value among the elements of the list in a column. The row
// has been decoded, so that its bytes are good.
func (d *decoder) contains(column int, elem Value) bool {
	for i := range d.docs {
		if f := &d.docs[i]; f.column == column && f.typ.Kind == kind.List {
			return d.scratch.contains(d.body, f.num, f.typ, elem)
		}
	}
	return false
}

// readScalar reads the current field. The value shares memory with the input.
func readScalar(r *record.Reader, t *catalog.Type) Value {
	return kind.Of(t.Kind).ReadWire(r, &t.Params)
}
