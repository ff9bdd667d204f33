package catalog

import (
	"encoding/json"
	"strconv"
)

// HasText reports whether a text is the description as package json writes it, byte
// for byte. It is for those who have stored a description and mostly find it as it is
// in the code: nothing is made of either.
func (t *Table) HasText(text []byte) bool {
	m := matcher{whole: text}
	m.table(t)
	return m.at == len(text)
}

// matcher compares a text with what would be written, piece by piece.
type matcher struct {
	whole []byte
	at    int // how much of it was compared; behind its end once anything differed
}

func (m *matcher) is(s string) {
	end := m.at + len(s)
	if end > len(m.whole) || string(m.whole[m.at:end]) != s {
		m.differs()
		return
	}
	m.at = end
}

func (m *matcher) differs() { m.at = len(m.whole) + 1 }

// text is a string, with what goes before it.
func (m *matcher) text(before, s string) {
	m.is(before)
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			quoted, err := json.Marshal(s) // which knows how it is escaped
			if err != nil {
				m.differs()
			}
			m.is(string(quoted))
			return
		}
	}
	m.is(`"`)
	m.is(s)
	m.is(`"`)
}

func (m *matcher) number(before string, n int64) {
	m.is(before)
	if n >= 0 && n < 10 { // as most are
		m.is("0123456789"[n : n+1])
		return
	}
	var digits [20]byte
	m.is(string(strconv.AppendInt(digits[:0], n, 10)))
}

// The optional ones are left out where they have no value.

func (m *matcher) optText(before, s string) {
	if s != "" {
		m.text(before, s)
	}
}

func (m *matcher) optNumber(before string, n int64) {
	if n != 0 {
		m.number(before, n)
	}
}

func (m *matcher) optTrue(before string, v bool) {
	if v {
		m.is(before)
		m.is("true")
	}
}

func matchList[T any](m *matcher, before string, list []T, match func(m *matcher, v *T)) {
	m.is(before)
	if list == nil {
		m.is("null")
		return
	}
	m.is("[")
	for i := range list {
		if i > 0 {
			m.is(",")
		}
		match(m, &list[i])
	}
	m.is("]")
}

func optList[T any](m *matcher, before string, list []T, match func(m *matcher, v *T)) {
	if len(list) > 0 {
		matchList(m, before, list, match)
	}
}

func (m *matcher) int(n *int) { m.number("", int64(*n)) }

func (m *matcher) table(t *Table) {
	m.text(`{"name":`, t.Name)
	m.optNumber(`,"number":`, int64(t.Number))
	m.optText(`,"doc":`, t.Doc)
	m.optText(`,"row":`, t.Row)
	m.was(t.Was)
	m.number(`,"access":`, int64(t.Access))
	matchList(m, `,"fields":`, t.Fields, (*matcher).field)
	matchList(m, `,"key":`, t.Key, (*matcher).int)
	m.optText(`,"keyType":`, t.KeyType)
	optList(m, `,"indexes":`, t.Indexes, (*matcher).index)
	if t.TTL != nil {
		m.number(`,"ttl":{"from":`, int64(t.TTL.From))
		m.optNumber(`,"keep":`, int64(t.TTL.Keep))
		m.optNumber(`,"keepField":`, int64(t.TTL.KeepField))
		m.is("}")
	}
	optList(m, `,"per":`, t.Per, (*matcher).field)
	m.is("}")
}

func (m *matcher) field(f *Field) {
	m.text(`{"name":`, f.Name)
	m.optNumber(`,"number":`, int64(f.Number))
	m.was(f.Was)
	m.optText(`,"doc":`, f.Doc)
	m.is(`,"type":`)
	m.typ(&f.Type)
	m.optTrue(`,"optional":`, f.Optional)
	m.optTrue(`,"hidden":`, f.Hidden)
	m.is("}")
}

func (m *matcher) typ(t *Type) {
	m.number(`{"kind":`, int64(t.Kind))
	m.optText(`,"name":`, t.Name)
	if t.Elem != nil {
		m.is(`,"elem":`)
		m.typ(t.Elem)
	}
	optList(m, `,"fields":`, t.Fields, (*matcher).field)
	optList(m, `,"values":`, t.Values, func(m *matcher, v *EnumValue) {
		m.text(`{"name":`, v.Name)
		m.number(`,"number":`, int64(v.Number))
		m.was(v.Was)
		m.is("}")
	})
	m.optNumber(`,"size":`, int64(t.Size))
	m.optNumber(`,"precision":`, int64(t.Precision))
	m.optNumber(`,"scale":`, int64(t.Scale))
	m.optTrue(`,"sealed":`, t.Sealed)
	m.is("}")
}

func (m *matcher) was(names []string) {
	optList(m, `,"was":`, names, func(m *matcher, s *string) { m.text("", *s) })
}

func (m *matcher) index(ix *Index) {
	m.text(`{"name":`, ix.Name)
	m.number(`,"number":`, int64(ix.Number))
	m.optText(`,"doc":`, ix.Doc)
	matchList(m, `,"columns":`, ix.Columns, func(m *matcher, c *Column) {
		m.number(`{"field":`, int64(c.Field))
		m.optTrue(`,"desc":`, c.Desc)
		m.optTrue(`,"each":`, c.Each)
		m.optTrue(`,"fold":`, c.Fold)
		m.is("}")
	})
	m.optTrue(`,"unique":`, ix.Unique)
	if ix.Where != nil {
		m.is(`,"where":`)
		m.expr(ix.Where)
	}
	optList(m, `,"include":`, ix.Include, (*matcher).int)
	m.is("}")
}

func (m *matcher) expr(e *Expr) {
	m.text(`{"op":`, string(e.Op))
	optList(m, `,"args":`, e.Args, (*matcher).expr)
	m.optNumber(`,"field":`, int64(e.Field))
	m.optText(`,"lit":`, e.Lit)
	m.is("}")
}
