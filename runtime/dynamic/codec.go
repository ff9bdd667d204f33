package dynamic

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/record"
	"github.com/storegen/storegen/runtime/storeimpl"
)

// codec implements storeimpl.RowCodec for a description. It is not changed once it is made.
type codec struct {
	t        *catalog.Table
	key      []part
	inKey    []bool // by field
	order    []int  // of the fields when they are written
	arrays   bool   // there are some, which have all their elements
	defaults []*data
	checks   []check
	where    []condition // by index; nil where all rows have an entry
	include  [][]int     // by index: the fields, in the order in which they are written
}

// Codec makes the codec of a table from its description. It is an error for rows that only
// code of the program's own can read, and for a description with something in it that this
// version does not know.
func Codec(t *catalog.Table) (storeimpl.RowCodec, error) {
	c, err := newCodec(t)
	if err != nil {
		return nil, fmt.Errorf("table %s: %w", t.Name, err)
	}
	return c, nil
}

func newCodec(t *catalog.Table) (*codec, error) {
	if t.Form != catalog.Fields {
		return nil, fmt.Errorf("its rows are of the form %q, which only the program that has written them can read", t.Form)
	}
	c := &codec{t: t, key: keyParts(t), order: byNumber(t.Fields), arrays: arrays(t.Fields), inKey: make([]bool, len(t.Fields)), defaults: make([]*data, len(t.Fields)), where: make([]condition, len(t.Indexes)), include: make([][]int, len(t.Indexes))}
	for _, f := range t.Key {
		c.inKey[f] = true
	}
	for i := range t.Fields {
		f := &t.Fields[i]
		if d := f.Default; d != nil && !d.Now && !d.New {
			v, err := kind.Of(f.Type.Kind).ParseLit(&f.Type.Params, d.Lit)
			if err != nil {
				return nil, fmt.Errorf("the default %q of %s: %w", d.Lit, f.Name, err)
			}
			c.defaults[i] = new(data)
			c.defaults[i].setValue(v)
		}
	}
	for i := range t.Indexes {
		for _, f := range c.order {
			if slices.Contains(t.Indexes[i].Include, f) {
				c.include[i] = append(c.include[i], f)
			}
		}
		if e := t.Indexes[i].Where; e != nil {
			var err error
			if c.where[i], err = newCondition(t, e); err != nil {
				return nil, fmt.Errorf("the condition of the index %s: %w", t.Indexes[i].Name, err)
			}
		}
	}
	var err error
	c.checks, err = newChecks(t)
	return c, err
}

func (c *codec) Desc() *catalog.Table { return c.t }
func (c *codec) NewRow() any          { return &row{newFields(c.t.Fields)} }
func (c *codec) Reset(r any)          { r.(*row).fields = newFields(c.t.Fields) }

// Key is what a key shows as: that of one scalar as its text, and of others as these joined by
// slashes.
func (c *codec) Key(r any) any {
	if len(c.key) == 1 && len(c.key[0].path) == 1 {
		return c.key[0].text(r.(*row).fields)
	}
	return joined(c.key, r.(*row).fields)
}

func (c *codec) AppendRowKey(dst []byte, r any) []byte {
	for i := range c.key {
		dst = c.key[i].append(dst, r.(*row).fields)
	}
	return dst
}

func (c *codec) DecodeRowKey(b []byte, r any) error {
	kr := keys.NewReader(b)
	for i := range c.key {
		c.key[i].read(&kr, r.(*row).fields)
	}
	return kr.Done()
}

func (c *codec) AppendValue(dst []byte, r any) []byte {
	fields := r.(*row).fields
	for _, i := range c.order {
		if !c.inKey[i] {
			dst = fields[i].appendField(dst, &c.t.Fields[i])
		}
	}
	return dst
}

func (c *codec) DecodeValue(b []byte, r any, of record.Fields, _ *record.Lists) (unknown []byte, err error) {
	fields := r.(*row).fields
	rr := record.NewReader(b)
	for rr.NextOf(of) {
		i := numbered(c.t.Fields, rr.Num())
		if i < 0 || c.inKey[i] {
			unknown = rr.AppendRaw(unknown)
			continue
		}
		f := &c.t.Fields[i]
		fields[i].read(&rr, &f.Type, f.Optional)
	}
	if c.arrays {
		fill(fields, c.t.Fields)
	}
	return unknown, rr.Err()
}

func (c *codec) Default(r any, now func() time.Time) {
	fields := r.(*row).fields
	for i := range c.t.Fields {
		f := &c.t.Fields[i]
		if f.Default == nil || fields[i].set && (f.Optional || !fields[i].isZero(&f.Type)) {
			continue
		}
		switch {
		case f.Default.Now:
			fields[i].setValue(kind.TimestampOf(now()))
		case f.Default.New:
			fields[i].setValue(kind.UUIDOf(uuid.Must(uuid.NewV7())))
		default:
			fields[i] = *c.defaults[i]
		}
	}
}

func (c *codec) Check(r any) error {
	fields := r.(*row).fields
	var broken record.Broken
	limits(&broken, fields, c.t.Fields)
	for i := range c.checks {
		if !c.checks[i].holds(fields) {
			broken.Add(record.Invalid("", c.checks[i].said))
		}
	}
	return broken.Err()
}

func (c *codec) Expires(r any, keep time.Duration) (time.Time, bool) {
	ttl := c.t.TTL
	if ttl == nil {
		return time.Time{}, false
	}
	fields := r.(*row).fields
	from := &fields[ttl.From]
	if !from.set {
		return time.Time{}, false
	}
	at := from.value.Time()
	if ttl.KeepField == 0 {
		return at.Add(ttl.Keep), true
	}
	field := ttl.KeepField - 1
	if !fields[field].set {
		return at.Add(keep), keep > 0
	}
	v := fields[field].value
	switch s := kind.Of(v.Kind()); {
	case v.Kind() == kind.Duration:
		return at.Add(v.Duration()), true
	case s.Signed:
		return storeimpl.LivesFor(at, v.Int64()), true
	}
	return storeimpl.LivesFor(at, v.Uint64()), true
}

func (c *codec) Entries(e *storeimpl.Entries, r any) {
	fields := r.(*row).fields
	for i := range c.t.Indexes {
		if e.Wants(i) && (c.where[i] == nil || c.where[i](fields)) {
			c.entries(e, i, fields)
		}
	}
}

// entries adds the entries of a row in an index: one, or one for each element of a list.
func (c *codec) entries(e *storeimpl.Entries, index int, fields []data) {
	ix := &c.t.Indexes[index]
	elems := 1
	for _, col := range ix.Columns {
		d := &fields[col.Field]
		if !d.set {
			return
		}
		if col.Each {
			elems = len(d.elems)
		}
	}
	for n := range elems {
		dst := e.Begin(index)
		for _, col := range ix.Columns {
			d := &fields[col.Field]
			if col.Each {
				d = &d.elems[n]
			}
			dst = appendColumn(dst, d.value, col.Options)
		}
		if len(ix.Include) > 0 {
			dst = e.Include(dst)
			for _, f := range c.include[index] {
				dst = fields[f].appendField(dst, &c.t.Fields[f])
			}
		}
		e.End(dst)
	}
}

// appendColumn appends what an entry has for a value.
func appendColumn(dst []byte, v kind.Value, o catalog.Options) []byte {
	if o.Mapped() {
		v = kind.StringOf(o.Map(v.Text()))
	}
	s := kind.Of(v.Kind())
	if o.Desc {
		return s.AppendKeyDesc(dst, v)
	}
	return s.AppendKey(dst, v)
}
