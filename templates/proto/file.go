package proto

import (
	"fmt"
	"strings"
)

// A File is a .proto in the syntax proto3.
type File struct {
	Package  string
	Doc      string
	Imports  []string
	Messages []*Message
	Enums    []*Enum
}

// A Message is a message of a File.
type Message struct {
	Name     string
	Doc      string
	Fields   []*Field
	Reserved []Reserved
}

// A Field is a field of a Message.
type Field struct {
	Name     string
	Doc      string
	Number   int
	Type     string // a scalar's name, or that of a message or enum
	MapKey   string // of a map: the scalar of its keys, and Type is that of its values
	Repeated bool
	Optional bool   // its presence is kept although it is a scalar
	Note     string // what its values mean, where the type does not tell
}

// A Reserved number is one that nothing may have.
type Reserved struct {
	Number int
	Doc    string // why
}

// An Enum is an enum of a File. Its first value is the unset one, 0.
type Enum struct {
	Name     string
	Doc      string
	Values   []*EnumValue
	Reserved []Reserved
}

// An EnumValue is a value of an Enum.
type EnumValue struct {
	Name   string
	Doc    string
	Number int32
}

// String returns the text of the .proto.
func (f *File) String() string {
	var b strings.Builder
	comment(&b, "", f.Doc)
	fmt.Fprintf(&b, "syntax = \"proto3\";\n\npackage %s;\n", f.Package)
	if len(f.Imports) > 0 {
		b.WriteByte('\n')
	}
	for _, name := range f.Imports {
		fmt.Fprintf(&b, "import %q;\n", name)
	}
	for _, m := range f.Messages {
		b.WriteByte('\n')
		comment(&b, "", m.Doc)
		fmt.Fprintf(&b, "message %s {\n", m.Name)
		reserved(&b, m.Reserved)
		for _, x := range m.Fields {
			comment(&b, "  ", x.Doc)
			b.WriteString("  ")
			switch {
			case x.MapKey != "":
				fmt.Fprintf(&b, "map<%s, %s>", x.MapKey, x.Type)
			case x.Repeated:
				b.WriteString("repeated " + x.Type)
			case x.Optional:
				b.WriteString("optional " + x.Type)
			default:
				b.WriteString(x.Type)
			}
			fmt.Fprintf(&b, " %s = %d;", x.Name, x.Number)
			if x.Note != "" {
				b.WriteString(" // " + x.Note)
			}
			b.WriteByte('\n')
		}
		b.WriteString("}\n")
	}
	for _, e := range f.Enums {
		b.WriteByte('\n')
		comment(&b, "", e.Doc)
		fmt.Fprintf(&b, "enum %s {\n", e.Name)
		reserved(&b, e.Reserved)
		for _, v := range e.Values {
			comment(&b, "  ", v.Doc)
			fmt.Fprintf(&b, "  %s = %d;\n", v.Name, v.Number)
		}
		b.WriteString("}\n")
	}
	return b.String()
}

func reserved(b *strings.Builder, numbers []Reserved) {
	for _, r := range numbers {
		fmt.Fprintf(b, "  reserved %d; // %s\n", r.Number, r.Doc)
	}
}

func comment(b *strings.Builder, indent, text string) {
	if text == "" {
		return
	}
	for line := range strings.SplitSeq(text, "\n") {
		b.WriteString(strings.TrimRight(indent+"// "+line, " ") + "\n")
	}
}
