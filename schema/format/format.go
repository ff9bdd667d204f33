package format

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/internal/syntax"
	"github.com/storegen/storegen/schema/lang"
	"gopkg.in/yaml.v3"
)

// Source returns a schema file in its canonical form: keys in one order,
// indented by two spaces, one line for each field, type and index that is simple
// enough for one. Comments and quotes stay, and so do the names and their order.
// Formatting twice is formatting once, and changes nothing of what the file says.
//
// The error is Diagnostics where the file is no plain YAML, and a FormatError
// where it has no canonical form that keeps everything.
func Source(f schema.Source) ([]byte, error) {
	r := diag.NewReporter()
	src := diag.NewText(f.Name, f.Path, f.Data)
	if src.Path == "" {
		src.Path = f.Name
	}
	r.AddText(src)
	before := syntax.Parse(r, src)
	if ds := r.Result(); ds != nil {
		return nil, ds
	}
	// What is formatted is formatted again: the place of a comment among blank
	// lines may take a second look to settle.
	text := string(f.Data)
	for range 4 {
		out, ok := layout(text)
		if !ok {
			break
		}
		if out == text {
			return []byte(out), nil
		}
		after := syntax.Parse(diag.NewReporter(), diag.NewText(f.Name, f.Path, []byte(out)))
		if !sameNode(before, after, fileShape(before)) || !sameCharacters(string(f.Data), out) {
			break
		}
		text = out
	}
	return nil, &Error{File: src.Path}
}

// layout writes a text out anew; it is not ok where something has no place.
func layout(text string) (string, bool) {
	text, mark := syntax.HideQuestions(strings.TrimPrefix(text, "\ufeff"))
	document, err := syntax.DecodeYAML(yaml.NewDecoder(strings.NewReader(text)))
	if err != nil {
		return "", false
	}
	p := &formatter{}
	p.document(document)
	return strings.ReplaceAll(p.out.String(), string(mark), "?"), !p.lost
}

// A Error says that a file has no canonical form that keeps all of it, and
// is left to people.
type Error struct {
	File string
}

func (e *Error) Error() string {
	return e.File + " is left as it is: it cannot be formatted without loss; move comments to lines of their own, above what they are about"
}

var (
	fieldsShape  = &shape{section: true, each: fieldShape}
	structShape  = &shape{each: fieldShape}
	indexShape   = &shape{order: lang.IndexKeys}
	indexesShape = &shape{section: true, each: indexShape}
	typeShape    = &shape{
		order: lang.TypeKeys,
		under: map[string]*shape{"struct": structShape, "enum": {each: &shape{order: lang.EnumValueKeys}}},
	}
	typesFileShape = &shape{section: true, under: map[string]*shape{"types": {section: true, each: typeShape}}}
	tableShape     = &shape{
		section: true,
		order:   lang.TableKeys,
		under: map[string]*shape{
			"per": fieldsShape, "fields": fieldsShape, "indexes": indexesShape,
			"key":   {order: lang.KeyKeys},
			"ttl":   {order: lang.TTLKeys},
			"check": {section: true, each: &shape{order: lang.CheckKeys}},
		},
	}
)

// sameNode reports whether two nodes say the same; the order of the words of a
// mapping says nothing, that of its names does.
func sameNode(a, b *syntax.Node, s *shape) bool {
	if a == nil || b == nil || a.Kind != b.Kind || a.Text != b.Text || (a.Quoting == syntax.Plain) != (b.Quoting == syntax.Plain) ||
		len(a.Items) != len(b.Items) || len(a.Pairs) != len(b.Pairs) {
		return false
	}
	for i := range a.Items {
		item := noShape
		if s.each != nil {
			item = s.each
		}
		if !sameNode(a.Items[i], b.Items[i], item) {
			return false
		}
	}
	for i, p := range a.Pairs {
		other := b.Get(p.Key.Text)
		if s.order == nil && b.Pairs[i].Key.Text != p.Key.Text || other == nil || !sameNode(p.Value, other, s.child(p.Key.Text)) {
			return false
		}
	}
	return true
}

// sameCharacters reports whether two texts hold the same characters, but for
// blanks and the marks that a layout may add or leave out. No comment is lost
// where it holds.
func sameCharacters(a, b string) bool {
	sorted := func(text string) []byte {
		var out []byte
		for _, r := range strings.TrimPrefix(text, "\ufeff") {
			if !unicode.IsSpace(r) && !strings.ContainsRune(`{}[],-|>`, r) {
				out = utf8.AppendRune(out, r)
			}
		}
		slices.Sort(out)
		return out
	}
	return bytes.Equal(sorted(a), sorted(b))
}
