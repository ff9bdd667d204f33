// Package dynamictest holds the codec that package dynamic makes from a description against
// the generated one of the same table. It is for tests, and knows no table of its own.
package dynamictest

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/dynamic"
	"github.com/storegen/storegen/runtime/internal/entity"
	"github.com/storegen/storegen/runtime/internal/layout"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/record"
	"github.com/storegen/storegen/runtime/storeimpl"
)

// Pair is the two codecs of a table.
type Pair struct {
	// Judged says that methods of Go types judge texts and bytes of the table, which no
	// description knows of: rows are compared as they were filled then.
	Judged bool

	t                  *entity.Table
	generated, dynamic storeimpl.RowCodec
	rng                *rand.Rand
}

// PairOf is the pair of a table that was opened by its generated code.
func PairOf(h *storeimpl.Handle, rng *rand.Rand) (*Pair, error) {
	t, _ := entity.PartsOf(h)
	d, err := dynamic.Codec(t.Desc)
	if err != nil {
		return nil, err
	}
	return &Pair{t: t, generated: t.Codec, dynamic: d, rng: rng}, nil
}

// Rows compares all that the codecs do with rows that fill makes, which takes a pointer to a
// row of the table's type, and with rows whose fields are mixed, left out, and made at random.
func (p *Pair) Rows(n int, fill func(row any)) error {
	var before []byte
	for range n {
		row := p.generated.NewRow()
		fill(row)
		key, value := p.generated.AppendRowKey(nil, row), p.generated.AppendValue(nil, row)
		if err := p.same(key, value); err != nil {
			return err
		}
		for i := 0; i < 4 && !p.Judged; i++ {
			if err := p.same(key, p.mixed(value, before)); err != nil {
				return err
			}
		}
		before = value
	}
	return nil
}

// mixed is some fields of two rows, some at random, and some that no table has.
func (p *Pair) mixed(values ...[]byte) (out []byte) {
	for _, v := range values {
		r := record.NewReader(v)
		for r.Next() {
			if p.rng.IntN(3) > 0 {
				out = r.AppendRaw(out)
			}
		}
	}
	for i := range p.t.Desc.Fields {
		if f := &p.t.Desc.Fields[i]; !p.t.Desc.IsKey(i) && p.rng.IntN(4) == 0 {
			out = p.appendRandom(out, f.Number, &f.Type)
		}
	}
	if p.rng.IntN(4) == 0 {
		out = record.AppendString(out, 18_000, "of another program")
	}
	return out
}

// appendRandom appends a value at random as the field num, as any writer may have written it:
// zero values too, parts in another order, left out, twice, or unknown.
func (p *Pair) appendRandom(dst []byte, num int, t *catalog.Type) []byte {
	switch t.Kind {
	case kind.List:
		most := 3
		if t.Len > 0 {
			most = 1 // more than there is room for is another matter
		}
		for range p.rng.IntN(most + 1) {
			dst = p.appendRandom(dst, num, t.Elem)
		}
		return dst
	case kind.Map:
		dst, at := record.Begin(dst, num)
		if p.rng.IntN(4) > 0 {
			dst = p.appendRandom(dst, 1, t.KeyOf())
		}
		if p.rng.IntN(4) > 0 {
			dst = p.appendRandom(dst, 2, t.Elem)
		}
		return record.End(dst, at)
	case kind.Struct:
		dst, at := record.Begin(dst, num)
		for _, i := range p.rng.Perm(len(t.Fields)) {
			if f := &t.Fields[i]; p.rng.IntN(2) == 0 {
				dst = p.appendRandom(dst, f.Number, &f.Type)
			}
		}
		if p.rng.IntN(4) == 0 && !p.inKey(t) {
			dst = record.AppendUint64(dst, 18_001, 5)
		}
		return record.End(dst, at)
	case kind.Float64:
		if p.rng.IntN(4) == 0 {
			return record.AppendFloat64(dst, num, math.Copysign(0, -1))
		}
	case kind.Float32:
		if p.rng.IntN(4) == 0 {
			return record.AppendFloat32(dst, num, float32(math.Copysign(0, -1)))
		}
	}
	s := kind.Of(t.Kind)
	v := s.Random(p.rng, &t.Params)
	if p.rng.IntN(4) == 0 {
		v = s.Zero(&t.Params) // written, although it need not be
	}
	return s.AppendWire(dst, num, v)
}

// inKey reports whether a struct can be a key, somewhere: such a type never gets more fields,
// and generated code keeps none that it does not know.
func (p *Pair) inKey(t *catalog.Type) bool {
	for i := range t.Fields {
		f := &t.Fields[i]
		if f.Optional || !f.Type.Kind.InKeys() && !(f.Type.Kind == kind.Struct && p.inKey(&f.Type)) {
			return false
		}
	}
	return true
}

// sides are what two codecs say of the same.
func (p *Pair) sides(what string, of func(c storeimpl.RowCodec, row any) any, rows [2]any) error {
	text := func(v any) string {
		if b, ok := v.([]byte); ok {
			return fmt.Sprintf("%x", b)
		}
		return fmt.Sprint(v)
	}
	a, b := text(of(p.generated, rows[0])), text(of(p.dynamic, rows[1]))
	if a != b {
		return fmt.Errorf("%s of a row of %s: by generated code %s, by its description %s", what, p.t.Name, a, b)
	}
	return nil
}

var now = time.Date(2026, 5, 4, 3, 2, 1, 999, time.UTC)

// same compares the two codecs on an encoded row.
func (p *Pair) same(key, value []byte) error {
	rows := [2]any{p.generated.NewRow(), p.dynamic.NewRow()}
	var unknown [2][]byte
	var errs [2]error
	of := record.AllFields
	if p.rng.IntN(3) == 0 {
		of = record.Fields(p.rng.Uint64() | p.rng.Uint64())
	}
	for i, c := range []storeimpl.RowCodec{p.generated, p.dynamic} {
		unknown[i], errs[i] = layout.DecodeSome(c, bytes.Clone(key), bytes.Clone(value), rows[i], of, nil)
	}
	if (errs[0] == nil) != (errs[1] == nil) {
		return fmt.Errorf("the value %x of a row of %s: to generated code %v, by its description %v", value, p.t.Name, errs[0], errs[1])
	}
	if errs[0] != nil {
		return nil
	}
	if !bytes.Equal(unknown[0], unknown[1]) {
		return fmt.Errorf("the value %x of a row of %s: generated code does not know %x, the description %x", value, p.t.Name, unknown[0], unknown[1])
	}
	if of != record.AllFields {
		return nil // fields that were not asked for may be there or not
	}
	if err := p.told(rows); err != nil {
		return fmt.Errorf("%w (key %x, value %x)", err, key, value)
	}
	for i, c := range []storeimpl.RowCodec{p.generated, p.dynamic} {
		if err := p.alone(c, rows[i]); err != nil {
			return err
		}
	}
	if slices.ContainsFunc(p.t.Desc.Fields, func(f catalog.Field) bool { return f.Default != nil && f.Default.New }) {
		return nil // the ids differ
	}
	for i, c := range []storeimpl.RowCodec{p.generated, p.dynamic} {
		c.Default(rows[i], func() time.Time { return now })
	}
	if err := p.told(rows); err != nil {
		return fmt.Errorf("with defaults, %w (key %x, value %x)", err, key, value)
	}
	return nil
}

// told compares what the codecs tell of a row.
func (p *Pair) told(rows [2]any) error {
	keep := []time.Duration{0, time.Hour}[p.rng.IntN(2)]
	return errors.Join(
		p.sides("the key", func(c storeimpl.RowCodec, row any) any { return c.AppendRowKey(nil, row) }, rows),
		p.sides("the value", func(c storeimpl.RowCodec, row any) any { return c.AppendValue(nil, row) }, rows),
		p.sides("the text of the key", func(c storeimpl.RowCodec, row any) any {
			if len(p.t.Desc.Key) == 1 {
				return "" // as Go prints it, and not as a part of a key
			}
			return fmt.Sprint(c.Key(row))
		}, rows),
		p.sides("the expiry", func(c storeimpl.RowCodec, row any) any {
			at, ok := c.Expires(row, keep)
			if !ok {
				at = time.Time{}
			}
			return fmt.Sprint(at, ok)
		}, rows),
		p.sides("the check", func(c storeimpl.RowCodec, row any) any { return brokenRules(c.Check(row)) }, rows),
		p.sides("an entry", func(c storeimpl.RowCodec, row any) any {
			var e storeimpl.Entries
			e.Reset(p.t.Indexes, c.AppendRowKey(nil, row), nil)
			c.Entries(&e, row)
			return fmt.Sprintf("%x %v", e.Buf, e.List)
		}, rows),
	)
}

// alone compares the entries of a row in each index alone with those in all of them.
func (p *Pair) alone(c storeimpl.RowCodec, row any) error {
	var all, one storeimpl.Entries
	key := c.AppendRowKey(nil, row)
	all.Reset(p.t.Indexes, key, nil)
	c.Entries(&all, row)
	unique := slices.ContainsFunc(p.t.Desc.Indexes, func(ix catalog.Index) bool { return ix.Unique })
	for i := range p.t.Indexes {
		var want, got []string
		for n, e := range all.List {
			if e.Index == i {
				want = append(want, fmt.Sprintf("%d %x %x", i, all.Key(n), all.Value(n)))
			}
		}
		one.ResetOne(p.t.Indexes, i, key)
		c.Entries(&one, row)
		for n, e := range one.List {
			if e.Index == i || unique { // others may come where no value is ever looked up
				got = append(got, fmt.Sprintf("%d %x %x", e.Index, one.Key(n), one.Value(n)))
			}
		}
		if !slices.Equal(want, got) {
			return fmt.Errorf("the entries of a row of %s in index %s alone are %s, not %s", p.t.Name, p.t.Desc.Indexes[i].Name, got, want)
		}
	}
	return nil
}

// brokenRules are the rules that a row breaks, in an order that does not depend on that of
// a map.
func brokenRules(err error) string {
	var several *record.InvalidErrors
	if !errors.As(err, &several) {
		return fmt.Sprint(err)
	}
	var out []string
	for _, e := range several.Errs {
		out = append(out, e.Error())
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}
