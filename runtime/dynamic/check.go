package dynamic

import (
	"fmt"
	"strings"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/record"
)

// check is a rule of a table, and what is said of a row that breaks it.
type check struct {
	holds condition
	said  string
}

func newChecks(t *catalog.Table) (out []check, err error) {
	for i := range t.Checks {
		c := &t.Checks[i]
		holds, err := newCondition(t, &c.Expr)
		if err != nil {
			return nil, fmt.Errorf("the check %q: %w", c.Text, err)
		}
		said := fmt.Sprintf("breaks the check %q", strings.Join(strings.Fields(c.Text), " "))
		if why := strings.TrimRight(strings.Join(strings.Fields(c.Doc), " "), ".:"); why != "" {
			said += ": " + why
		}
		out = append(out, check{holds, said})
	}
	return out, nil
}

// limits adds the rules of their types that the values of fields break.
func limits(broken *record.Broken, values []data, fields []catalog.Field) {
	for i := range fields {
		if values[i].set {
			values[i].limits(broken, fields[i].Name, &fields[i].Type)
		}
	}
}

func (d *data) limits(broken *record.Broken, name string, t *catalog.Type) {
	switch t.Kind {
	case kind.List:
		for i := range d.elems {
			d.elems[i].limits(broken, name, t.Elem)
		}
		return
	case kind.Map:
		for i := range d.elems {
			key := data{set: true, value: d.keys[i]}
			key.limits(broken, name, t.KeyOf())
			d.elems[i].limits(broken, name, t.Elem)
		}
		return
	case kind.Struct:
		var within record.Broken
		limits(&within, d.elems, t.Fields)
		broken.Add(record.In(name, within.Err()))
		return
	}
	if rule := kind.Of(t.Kind).Check; rule != nil {
		broken.Add(rule(name, &t.Params, d.value))
	}
	if t.Min > 0 || t.Max > 0 {
		broken.Add(record.Length(name, len(d.value.Bytes()), t.Min, t.Max))
	}
}
