package torture

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
)

// A world is a made-up schema in which everything knows what it means: a thing keeps
// its id for as long as it means the same, whatever it is called and whether or not
// the schema says that it was renamed.
type world struct {
	tables  []*madeTable
	enums   []*madeType
	structs []*madeType
	next    *int             // the next id, of all worlds of one history
	numbers map[string]int32 // of the values of enums, as the schema gives them: "E.v0"
}

// made is a field, a parameter, a value of an enum, or a field of a struct.
type made struct {
	id       int
	name     string
	was      string // the former name, as the schema says it
	typ      string // as the schema writes it, without the ?
	optional bool
	max      int
	def      string
	// What is renamed without a word, and has another type in the same release, cannot be
	// told from another thing, and is one.
	unsaid, retyped bool
}

type madeType struct {
	name, was string
	parts     []*made
}

type madeTable struct {
	id        int
	name, was string
	fields    []*made
	key       []string
	per       []*made
	indexes   map[string]string
	ttl       bool
	check     string
}

func (w *world) id() int { *w.next++; return *w.next }

func cloneParts(parts []*made) []*made {
	out := make([]*made, len(parts))
	for i, p := range parts {
		c := *p
		c.was, c.unsaid, c.retyped = "", false, false // it is said once, and then dropped
		out[i] = &c
	}
	return out
}

// clone is a world as it is after a release, in which former names need not be said
// any more.
func (w *world) clone() *world {
	out := &world{next: w.next}
	for _, t := range w.tables {
		c := *t
		c.was, c.fields, c.per, c.key = "", cloneParts(t.fields), cloneParts(t.per), slices.Clone(t.key)
		c.indexes = map[string]string{}
		for k, v := range t.indexes {
			c.indexes[k] = v
		}
		out.tables = append(out.tables, &c)
	}
	types := func(in []*madeType) (out []*madeType) {
		for _, t := range in {
			out = append(out, &madeType{name: t.name, parts: cloneParts(t.parts)})
		}
		return out
	}
	out.enums, out.structs = types(w.enums), types(w.structs)
	return out
}

func (m *made) yaml() string {
	typ := m.typ
	if m.optional {
		typ += "?"
	}
	text := fmt.Sprintf("{type: %q", typ)
	if m.was != "" {
		text += ", was: " + m.was
	}
	if m.max > 0 {
		text += fmt.Sprintf(", max: %d", m.max)
	}
	if m.def != "" {
		text += ", default: " + m.def
	}
	return text + "}"
}

// sources are the files of the schema.
func (w *world) sources() []schema.Source {
	var types strings.Builder
	types.WriteString("types:\n")
	for _, e := range w.enums {
		var values []string
		for _, v := range e.parts {
			text := v.name
			if v.was != "" {
				text = fmt.Sprintf("{name: %s, was: %s}", v.name, v.was)
			}
			values = append(values, text)
		}
		fmt.Fprintf(&types, "  %s: {enum: [%s]%s}\n", e.name, strings.Join(values, ", "), said(e.was))
	}
	for _, s := range w.structs {
		var fields []string
		for _, f := range s.parts {
			fields = append(fields, f.name+": "+f.yaml())
		}
		fmt.Fprintf(&types, "  %s: {struct: {%s}%s}\n", s.name, strings.Join(fields, ", "), said(s.was))
	}
	out := []schema.Source{{Name: "types.yaml", Data: []byte(types.String())}}
	for i, t := range w.tables {
		var b strings.Builder
		fmt.Fprintf(&b, "table: %s\naccess: public\nkey: [%s]\n", t.name, strings.Join(t.key, ", "))
		if t.was != "" {
			fmt.Fprintf(&b, "was: %s\n", t.was)
		}
		mapping := func(word string, parts []*made) {
			if len(parts) > 0 {
				fmt.Fprintf(&b, "%s:\n", word)
			}
			for _, p := range parts {
				fmt.Fprintf(&b, "  %s: %s\n", p.name, p.yaml())
			}
		}
		mapping("per", t.per)
		mapping("fields", t.fields)
		if len(t.indexes) > 0 {
			b.WriteString("indexes:\n")
			for _, name := range []string{"i", "j", "k"} {
				if t.indexes[name] != "" {
					fmt.Fprintf(&b, "  %s: %s\n", name, t.indexes[name])
				}
			}
		}
		if t.ttl {
			b.WriteString("ttl: {from: at, keep: 1h}\n")
		}
		if t.check != "" {
			fmt.Fprintf(&b, "check: %s\n", t.check)
		}
		out = append(out, schema.Source{Name: fmt.Sprintf("t%d.yaml", i), Data: []byte(b.String())})
	}
	return out
}

func said(was string) string {
	if was == "" {
		return ""
	}
	return ", was: " + was
}

func (w *world) named(list []*madeType, name string) *madeType {
	for _, t := range list {
		if t.name == name {
			return t
		}
	}
	return nil
}

var (
	madeTypes = []string{"string", "int32", "int64", "E", "F", "S", "R", "[]string", "[]E", "[]S", "map[string]S", "string", "E", "S", "scalar", "scalar", "scalar", "[]scalar", "map[string]scalar"}
	partTypes = []string{"string", "int32", "E", "F", "scalar"}
	keyTypes  = []string{"string", "int64", "E", "S", "keyed"}
	freeNames = []string{"a", "b", "c", "d", "e1", "f", "g", "h", "m", "n", "p", "q", "r", "s", "u", "v", "w", "x", "y", "z"}
)

func pick[T any](rng *rand.Rand, list []T) T { return list[rng.IntN(len(list))] }

func (w *world) part(rng *rand.Rand, types []string) *made {
	m := &made{id: w.id(), name: pick(rng, freeNames), typ: pickType(rng, types)}
	row, _, _ := kind.ParseType(m.typ)
	simple := row != nil || m.typ == "E" || m.typ == "F"
	m.optional = simple && len(types) > len(partTypes) && rng.IntN(3) == 0
	return m
}

// pickType picks a type. "scalar" stands for any scalar that is no enum, and "keyed" for
// one that keys may have.
func pickType(rng *rand.Rand, types []string) string {
	typ := pick(rng, types)
	for {
		row := pick(rng, kind.Scalars())
		if row.Kind == kind.Enum || typ == "keyed" && !row.Kind.InKeys() {
			continue
		}
		text := kind.TypeText(row.Kind, &row.FormExample)
		return strings.NewReplacer("scalar", text, "keyed", text).Replace(typ)
	}
}

func (w *world) parts(rng *rand.Rand, n int, types []string) []*made {
	var out []*made
	for len(out) < n {
		m := w.part(rng, types)
		if !slices.ContainsFunc(out, func(o *made) bool { return o.name == m.name }) {
			out = append(out, m)
		}
	}
	return out
}

func newWorld(rng *rand.Rand) *world {
	w := &world{next: new(int)}
	// Two types have no names in common: with one name and one number, a part of one
	// cannot be told from that of the other, and means the same.
	for _, name := range []string{"E", "F"} {
		e := &madeType{name: name}
		for i := range 2 + rng.IntN(2) {
			e.parts = append(e.parts, &made{id: w.id(), name: fmt.Sprintf("%s_v%d", strings.ToLower(name), i), typ: "value"})
		}
		rng.Shuffle(len(e.parts), func(i, j int) { e.parts[i].name, e.parts[j].name = e.parts[j].name, e.parts[i].name })
		w.enums = append(w.enums, e)
	}
	for _, name := range []string{"S", "R"} {
		parts := w.parts(rng, 2+rng.IntN(2), partTypes)
		for _, p := range parts {
			p.name = strings.ToLower(name) + "_" + p.name
		}
		w.structs = append(w.structs, &madeType{name: name, parts: parts})
	}
	t := &madeTable{id: w.id(), name: "t", indexes: map[string]string{}}
	t.fields = append([]*made{{id: w.id(), name: "id", typ: "string"}, {id: w.id(), name: "at", typ: "timestamp", optional: true}, {id: w.id(), name: "k1", typ: pickType(rng, keyTypes)}, {id: w.id(), name: "n1", typ: "int32"}},
		w.parts(rng, 3, madeTypes)...)
	t.key = pick(rng, [][]string{{"id"}, {"k1", "id"}, {"id", "k1"}})
	if rng.IntN(4) == 0 {
		t.per = w.parts(rng, 2, []string{"string", "string", "E"})
		for i, p := range t.per {
			p.name = fmt.Sprintf("per%d", i)
		}
	}
	w.tables = []*madeTable{t}
	return w
}

// another gives what cannot be told from another thing an id of its own.
func (w *world) another(m *made) {
	if m.unsaid && m.retyped {
		m.id = w.id()
	}
}

// change makes one random change. The schema may be wrong afterwards.
func (w *world) change(rng *rand.Rand) {
	t := pick(rng, w.tables)
	list, prefix := &t.fields, ""
	switch rng.IntN(4) {
	case 0:
		s := pick(rng, w.structs)
		list, prefix = &s.parts, strings.ToLower(s.name)+"_"
	case 1:
		e := pick(rng, w.enums)
		list, prefix = &e.parts, strings.ToLower(e.name)+"_"
	}
	rename := func(m *made, say bool) {
		if say {
			m.was = m.name
		}
		m.name = prefix + pick(rng, freeNames)
		m.unsaid = m.unsaid || !say
		w.another(m)
	}
	types := madeTypes
	switch {
	case strings.HasPrefix((*list)[0].typ, "value"):
		types = []string{"value"}
	case list != &t.fields:
		types = partTypes
	}
	i := rng.IntN(len(*list))
	isKey := list == &t.fields && slices.Contains(t.key, (*list)[i].name) || (*list)[i].name == "at" || (*list)[i].name == "n1"
	switch rng.IntN(22) {
	case 0, 1: // something new
		m := w.part(rng, types)
		m.name = prefix + m.name
		*list = slices.Insert(*list, rng.IntN(len(*list)+1), m)
	case 2:
		if !isKey && len(*list) > 1 {
			*list = slices.Delete(*list, i, i+1)
		}
	case 3, 4:
		if !isKey {
			rename((*list)[i], true)
		}
	case 5:
		if !isKey {
			rename((*list)[i], false)
		}
	case 6: // one thing goes and another comes
		if !isKey {
			m := w.part(rng, []string{(*list)[i].typ})
			m.name, m.optional = prefix+m.name, (*list)[i].optional
			(*list)[i] = m
		}
	case 7:
		if typ := pickType(rng, types); !isKey && (*list)[i].typ != typ && (*list)[i].typ != "" {
			(*list)[i].typ, (*list)[i].id = typ, w.id()
		}
	case 8:
		rng.Shuffle(len(*list), func(i, j int) { (*list)[i], (*list)[j] = (*list)[j], (*list)[i] })
	case 9: // the type of a field is replaced; the field means the same
		for _, f := range t.fields {
			for from, to := range map[string]string{"E": "F", "F": "E", "S": "R", "R": "S"} {
				if strings.TrimSuffix(f.typ, from) != f.typ {
					f.typ, f.retyped = strings.TrimSuffix(f.typ, from)+to, true
					w.another(f)
					return
				}
			}
		}
	case 10:
		t.indexes[pick(rng, []string{"i", "j", "k"})] = pick(rng, []string{"{on: [n1]}", "{on: [n1 desc, id]}", "{on: [fold id]}", "{on: [n1], where: has at}", "{on: [id, n1], unique: true}", "{on: [k1, n1]}"})
	case 11:
		delete(t.indexes, pick(rng, []string{"i", "j", "k"}))
	case 12:
		t.was, t.name = t.name, pick(rng, []string{"t", "tt", "uu"})
	case 13:
		t.name = pick(rng, []string{"t", "tt", "uu"})
	case 14: // another table, perhaps with a former name
		if len(w.tables) < 2 {
			o := &madeTable{id: w.id(), name: pick(rng, []string{"t", "tt", "uu"}), key: []string{"id"}, indexes: map[string]string{}}
			o.fields = append([]*made{{id: w.id(), name: "id", typ: "string"}, {id: w.id(), name: "n1", typ: "int32"}, {id: w.id(), name: "at", typ: "timestamp", optional: true}}, w.parts(rng, 1, madeTypes)...)
			w.tables = append(w.tables, o)
		}
	case 15:
		t.key = pick(rng, [][]string{{"id"}, {"k1", "id"}, {"id", "k1"}})
	case 16:
		if len(t.per) == 2 {
			t.per[0], t.per[1] = t.per[1], t.per[0]
		}
	case 17:
		if len(t.per) > 0 {
			p := pick(rng, t.per)
			switch rng.IntN(3) {
			case 0:
				p.was, p.name = p.name, "perx"
			case 1:
				p.name = "perx"
			case 2:
				p.name, p.id, p.was = "pery", w.id(), ""
			}
		}
	case 18:
		t.ttl = !t.ttl
	case 19:
		m := (*list)[i]
		if m.typ == "string" && list == &t.fields {
			m.max = pick(rng, []int{0, 3, 200})
		}
	case 20:
		t.check = pick(rng, []string{"", "n1 > 0", "n1 < 0", "n1 < 0 or has at"})
	case 21:
		m := (*list)[i]
		if list == &t.fields && !isKey {
			m.def = map[string]string{"string": pick(rng, []string{"", "x"}), "int32": "7"}[m.typ]
		}
	}
}
