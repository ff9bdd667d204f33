package proto

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema/describe"
	"github.com/storegen/storegen/schema/lock"
	"github.com/storegen/storegen/schema/naming"
)

const fileDoc = `The values of the tables, in protocol buffers. A stored value is one byte 1, or a
byte 2 and the 12 bytes of the moment at which the row expires; then the message.
The fields of a key are not in the value: the key holds them.

Written by storegen proto. A string may hold bytes that are not UTF-8, and json is
a string that holds a JSON text.`

// FromSet makes a File of a schema; pkg is the package that its messages are in.
// Tables come first, in order of their names, then structs, then enums.
func FromSet(set *describe.Schema, pkg string) *File {
	b := &builder{
		set: set, file: &File{Package: pkg, Doc: fileDoc}, taken: map[string]bool{},
		names: map[string]string{}, imports: map[string]bool{},
	}
	// Types have their names; tables and values make way for them.
	for _, t := range set.Types {
		if t.Kind == kind.Struct || t.Kind == kind.Enum {
			b.names[t.Name] = b.unique(t.Name, "Type")
		}
	}
	for _, t := range set.Tables {
		switch t.Form {
		case catalog.Own:
			b.file.Doc += "\n\nRows of " + t.Name + " are written by " + set.GoRows[t.Name] + ", in a form that is no protobuf."
		case catalog.Message: // which has a .proto of its own
			b.file.Doc += "\n\nRows of " + t.Name + " are the message " + set.GoRows[t.Name] + ", with its key."
		default:
			b.table(t)
		}
	}
	for _, t := range set.Types {
		switch t.Kind {
		case kind.Struct:
			m := &Message{Name: b.names[t.Name], Doc: t.Doc, Reserved: b.retired(lock.Field, t.Name)}
			b.fields(m, t.Fields)
			b.file.Messages = append(b.file.Messages, m)
		case kind.Enum:
			b.enum(t)
		}
	}
	b.file.Imports = slices.Sorted(maps.Keys(b.imports))
	return b.file
}

type builder struct {
	set     *describe.Schema
	file    *File
	taken   map[string]bool   // folded names in the file, where enum values are beside messages
	names   map[string]string // of structs and enums in the file, by those in the schema
	imports map[string]bool   // the files that messages of protobuf's own are in
}

// retired are the numbers of what was removed from a table or type.
func (b *builder) retired(k lock.Kind, owner string) (out []Reserved) {
	for _, r := range b.set.RetiredOf(k, owner) {
		out = append(out, Reserved{r.Number, r.Name + ", which was removed"})
	}
	return out
}

// unique returns a name that nothing in the file has, with a suffix where it
// needs one. Names that differ in letter case and underscores only are one in
// some languages, and protocol buffers refuse some of those.
func (b *builder) unique(name, suffix string) string {
	folded := func() string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }
	for b.taken[folded()] {
		name += suffix
	}
	b.taken[folded()] = true
	return name
}

// table adds the message of a table: its name in full, for the names of rows
// repeat each other.
func (b *builder) table(t *catalog.Table) {
	doc := "A row of " + t.Name + "."
	if t.Doc != "" {
		doc += "\n\n" + t.Doc
	}
	m := &Message{Name: b.unique(naming.GoName(strings.ReplaceAll(t.Name, ".", "_"))+"Row", "Row"), Doc: doc}
	var stored []catalog.Field
	for i, f := range t.Fields {
		if t.IsKey(i) {
			m.Reserved = append(m.Reserved, Reserved{f.Number, f.Name + ", which is in the key"})
		} else {
			stored = append(stored, f)
		}
	}
	m.Reserved = append(m.Reserved, b.retired(lock.Field, t.Name)...)
	b.fields(m, stored)
	b.file.Messages = append(b.file.Messages, m)
}

func (b *builder) fields(m *Message, fields []catalog.Field) {
	for i := range fields {
		f := &fields[i]
		x := &Field{Name: f.Name, Doc: f.Doc, Number: f.Number}
		switch f.Type.Kind {
		case kind.List:
			x.Type, x.Repeated = b.typeName(f.Type.Elem), true
		case kind.Map:
			x.Type, x.MapKey = b.typeName(f.Type.Elem), kind.Of(f.Type.KeyKind()).Proto
		default:
			x.Type = b.typeName(&f.Type)
			// A message's presence is kept in any case.
			x.Optional = f.Optional && f.Type.Kind != kind.Struct && !isMessage(&f.Type) || f.Type.Kind.Scalar() && kind.Of(f.Type.Kind).ProtoOptional
		}
		x.Note = note(f)
		m.Fields = append(m.Fields, x)
	}
	slices.SortFunc(m.Fields, func(a, b *Field) int { return a.Number - b.Number })
	slices.SortFunc(m.Reserved, func(a, b Reserved) int { return a.Number - b.Number })
}

// note says what the values of a field mean, where their protobuf type does not tell.
func note(f *catalog.Field) string {
	of := noteOfKind(f)
	if n := f.Type.Len; n > 0 {
		length := "at most " + strconv.Itoa(n) + ", and zero where there are fewer"
		if of != "" {
			return of + "; " + length
		}
		return length
	}
	return of
}

func noteOfKind(f *catalog.Field) string {
	t := &f.Type
	if t.Elem != nil {
		t = t.Elem
	}
	row := kind.Of(t.Kind)
	if row == nil || row.ProtoNote == "" {
		return ""
	}
	text := strings.ReplaceAll(row.ProtoNote, "$size", strconv.Itoa(t.Size))
	if row.ProtoOptional && t == &f.Type && !f.Optional {
		text += "; " + row.Format(row.Zero(&t.Params)) + " where it is absent"
	}
	return text
}

func (b *builder) typeName(t *catalog.Type) string {
	if name := b.names[t.Name]; name != "" {
		return name
	}
	name := kind.Of(t.Kind).Proto
	if isMessage(t) {
		// google.protobuf.Timestamp is in google/protobuf/timestamp.proto.
		b.imports[strings.ReplaceAll(strings.ToLower(name), ".", "/")+".proto"] = true
	}
	return name
}

// isMessage reports whether a scalar is a message of protobuf's own.
func isMessage(t *catalog.Type) bool {
	row := kind.Of(t.Kind)
	return row != nil && strings.Contains(row.Proto, ".")
}

// enum adds an enum. Its values carry its name, since they are beside the names
// of all others.
func (b *builder) enum(t *describe.Named) {
	prefix := upperSnake(t.Name) + "_"
	e := &Enum{Name: b.names[t.Name], Doc: t.Doc, Reserved: b.retired(lock.Enum, t.Name)}
	e.Values = append(e.Values, &EnumValue{Name: b.unique(prefix+"UNSPECIFIED", "_VALUE")})
	for i, v := range t.Values {
		e.Values = append(e.Values, &EnumValue{Name: b.unique(prefix+strings.ToUpper(v.Name), "_VALUE"), Doc: t.ValueDocs[i], Number: v.Number})
	}
	b.file.Enums = append(b.file.Enums, e)
}

// upperSnake writes JobStatus as JOB_STATUS and HTTPCode as HTTP_CODE.
func upperSnake(name string) string {
	var b strings.Builder
	lower := func(i int) bool { return i < len(name) && (name[i] < 'A' || name[i] > 'Z') }
	for i := range len(name) {
		if i > 0 && !lower(i) && (lower(i-1) || lower(i+1) && i+1 < len(name)) {
			b.WriteByte('_')
		}
		b.WriteByte(name[i])
	}
	return strings.ToUpper(b.String())
}
