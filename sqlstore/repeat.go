package sqlstore

import "github.com/ncruces/go-sqlite3"

// SQLite's driver gives each text memory of its own, which costs more than the text. A value
// that SQLite has already is copied into memory that it uses again. So texts that come over
// and over, as the names of an enum or a column that rows are grouped by, are kept as such.

// oftenEnough is after how many times of a text in a row a value is made of it, which
// costs as much as some ten texts.
const oftenEnough = 16

// repeated is the text that a column of a cursor has shown last.
type repeated struct {
	text  []byte
	times int
	value *sqlite3.Value // of text; nil where there is none yet
}

// show gives SQLite a text.
func (r *repeated) show(s *session, ctx sqlite3.Context, text string) {
	if string(r.text) != text {
		r.text, r.times = append(r.text[:0], text...), 0
		r.forget()
	}
	switch r.times++; {
	case r.value != nil:
		ctx.ResultValue(*r.value)
		return
	case r.times == oftenEnough && len(text) <= mostRepeated:
		r.value = s.value(text)
	}
	ctx.ResultText(text)
}

// mostRepeated bounds the texts that values are made of.
const mostRepeated = 1 << 10

// forget gives the value up.
func (r *repeated) forget() {
	if r.value != nil {
		_ = r.value.Close() // which has no errors
		r.value = nil
	}
}

// value makes a value of SQLite's of a text; nil where it cannot.
func (s *session) value(text string) *sqlite3.Value {
	if s.one == nil {
		one, _, err := s.raw.Prepare("SELECT ?")
		if err != nil {
			return nil
		}
		s.one = one
	}
	defer s.one.Reset()
	if s.one.BindText(1, text) != nil || !s.one.Step() {
		return nil
	}
	return s.one.ColumnValue(0).Dup()
}

// names are the names of an enum as values, by their numbers, once they were shown often.
type names []struct {
	times int
	value *sqlite3.Value
}

// mostNames bounds the numbers of an enum's values whose names are kept.
const mostNames = 256

// show gives SQLite the name of an enum's value, if it has that as a value.
func (n *names) show(s *session, ctx sqlite3.Context, number int64, name string) bool {
	if name == "" || number < 0 || number >= mostNames {
		return false
	}
	for len(*n) <= int(number) {
		*n = append(*n, struct {
			times int
			value *sqlite3.Value
		}{})
	}
	e := &(*n)[number]
	if e.times++; e.value == nil && e.times >= oftenEnough {
		e.times = 0
		e.value = s.value(name)
	}
	if e.value == nil {
		return false
	}
	ctx.ResultValue(*e.value)
	return true
}
