package plan

import (
	"fmt"
	"math"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/store"
)

// Bind returns the plan with its values in place: for each constraint of Query.Where
// that is Unknown, in that order, its value, and for In its values, which may be none.
// The plan stays as it is, and may be bound again, also from several goroutines; the
// values must not change while the bound plan is in use.
//
// The bound plan has the path of this one. Where all values fit their columns it keeps
// all else that this one says too: order, limit, columns, and what is exact. Integers
// fit a column of another integer kind that can hold them. With a null no row
// matches, nor with an integer beyond the column's where it is to be equal. Any other value
// that does not fit is no error: its constraint is left to the caller (see Unchecked), the
// ranges are wider, and order, limit and columns are those of the wider scan.
func (p *Plan) Bind(values [][]provider.Value) *Plan {
	b := *p
	if p.Err != nil {
		return &b
	}
	b.state = bound
	b.Query.Where = append([]Constraint(nil), p.Query.Where...)
	fit, next := exactly, 0
	for i := range b.Query.Where {
		c := &b.Query.Where[i]
		if !c.Unknown {
			continue
		}
		if next == len(values) || c.Op != In && len(values[next]) != 1 {
			return p.misfit(values)
		}
		c.Unknown = false
		fit = max(fit, c.fill(p.Def, values[next]))
		next++
	}
	switch {
	case next != len(values):
		return p.misfit(values)
	case p.Nothing:
	case fit == never:
		b.none()
	case fit == exactly && b.rebuild():
	default:
		c := consider(p.Def, p.Path, nil, &b.Query, bound)
		b.take(&c)
	}
	return &b
}

// misfit is the plan where the number of values is wrong.
func (p *Plan) misfit(values [][]provider.Value) *Plan {
	want := 0
	for i := range p.Query.Where {
		if p.Query.Where[i].Unknown {
			want++
		}
	}
	return refused(p.Def, p.Query, fmt.Errorf("bind: values for %d constraints, and %d lack theirs: want one value for each, and for IN any number", len(values), want))
}

// rebuild makes the ranges for new values, and keeps all else. It is false where they
// would be too many.
func (p *Plan) rebuild() bool {
	c := *p.chosen
	b := builder{def: p.Def, path: &p.Def.Paths[p.Path], q: &p.Query, c: &c}
	if !b.ranges() {
		return false
	}
	p.chosen, p.Ranges = &c, c.ranges
	return true
}

// fits is how a value fits a column.
type fits int

const (
	exactly fits = iota
	loosely      // no value of the column need be equal in the same sense
	never        // no row matches
)

// fill gives a constraint its values.
func (c *Constraint) fill(def *provider.TableDef, values []provider.Value) fits {
	k, params := compared(&def.Columns[c.Column], c.Op)
	kept, how := make([]provider.Value, 0, len(values)), exactly
	for _, v := range values {
		w, fit := convert(k, params, v)
		switch {
		case fit == never && c.Op.ranges() && !v.IsNull():
			how = loosely // all values may lie on one side
		case fit == exactly:
			kept = append(kept, w)
		case fit == loosely:
			how = loosely
		}
	}
	switch {
	case how == loosely:
		c.foreign = true
		kept = values
	case len(kept) == 0:
		how, kept = never, values
	}
	if c.Op == In {
		c.Values = kept
		return how
	}
	c.Value = kept[0]
	named(def, c)
	return how
}

// convert makes a value one of a kind, where that is without loss.
func convert(k catalog.Kind, params *kind.Params, v provider.Value) (provider.Value, fits) {
	switch {
	case v.IsNull():
		return v, never
	case kind.Takes(k, params, v):
		return v, exactly
	}
	to, from := integers[k], integers[v.Kind()]
	if to == nil || from == nil {
		return v, loosely
	}
	negative := from.min < 0 && v.Int64() < 0
	if negative && v.Int64() < to.min || !negative && v.Uint64() > to.max {
		return v, never
	}
	return to.of(v.Uint64()), exactly
}

// integer is a kind of integers.
type integer struct {
	min int64
	max uint64
	of  func(bits uint64) provider.Value
}

var integers = map[catalog.Kind]*integer{
	kind.Int8:    {math.MinInt8, math.MaxInt8, func(v uint64) provider.Value { return provider.Int8(int8(v)) }},
	kind.Int16:   {math.MinInt16, math.MaxInt16, func(v uint64) provider.Value { return provider.Int16(int16(v)) }},
	kind.Int32:   {math.MinInt32, math.MaxInt32, func(v uint64) provider.Value { return provider.Int32(int32(v)) }},
	kind.Int64:   {math.MinInt64, math.MaxInt64, func(v uint64) provider.Value { return provider.Int64(int64(v)) }},
	kind.Varint:  {math.MinInt64, math.MaxInt64, func(v uint64) provider.Value { return provider.Varint(int64(v)) }},
	kind.Uint8:   {0, math.MaxUint8, func(v uint64) provider.Value { return provider.Uint8(uint8(v)) }},
	kind.Uint16:  {0, math.MaxUint16, func(v uint64) provider.Value { return provider.Uint16(uint16(v)) }},
	kind.Uint32:  {0, math.MaxUint32, func(v uint64) provider.Value { return provider.Uint32(uint32(v)) }},
	kind.Uint64:  {0, math.MaxUint64, provider.Uint64},
	kind.Uvarint: {0, math.MaxUint64, provider.Uvarint},
}

// unbound is the error of running a plan that lacks values.
func (p *Plan) unbound() error {
	return &store.Error{Op: "query", Table: p.Def.Name, Err: fmt.Errorf("%w: the plan lacks values of constraints: bind them first", engine.ErrInvalid)}
}
