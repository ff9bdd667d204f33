package schema

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// Format returns a schema file in its canonical form: keys in one order,
// indented by two spaces, one line for each field, type and index that is simple
// enough for one. Comments and quotes stay, and so do the names and their order.
// Formatting twice is formatting once, and changes nothing of what the file says.
//
// The error is Diagnostics where the file is no plain YAML, and a FormatError
// where it has no canonical form that keeps everything.
func Format(f Source) ([]byte, error) {
	r := newReporter()
	src := newSource(f.Name, f.Path, f.Data)
	if src.path == "" {
		src.path = f.Name
	}
	r.source(src)
	before := parseYAML(r, src)
	if ds := r.result(); ds != nil {
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
		after := parseYAML(newReporter(), newSource(f.Name, f.Path, []byte(out)))
		if !sameNode(before, after, fileShape(before)) || !sameCharacters(string(f.Data), out) {
			break
		}
		text = out
	}
	return nil, &FormatError{File: src.path}
}

// layout writes a text out anew; it is not ok where something has no place.
func layout(text string) (string, bool) {
	text, mark := hideQuestions(strings.TrimPrefix(text, "\ufeff"))
	document, err := decodeNode(yaml.NewDecoder(strings.NewReader(text)))
	if err != nil {
		return "", false
	}
	p := &formatter{}
	p.document(document)
	return strings.ReplaceAll(p.out.String(), string(mark), "?"), !p.lost
}

// A FormatError says that a file has no canonical form that keeps all of it, and
// is left to people.
type FormatError struct {
	File string
}

func (e *FormatError) Error() string {
	return e.File + " is left as it is: it cannot be formatted without loss; move comments to lines of their own, above what they are about"
}

var (
	fieldsShape  = &shape{section: true, each: fieldShape}
	structShape  = &shape{each: fieldShape}
	indexShape   = &shape{order: indexKeys}
	indexesShape = &shape{section: true, each: indexShape}
	typeShape    = &shape{
		order: typeKeys,
		under: map[string]*shape{"struct": structShape, "enum": {each: &shape{order: enumValueKeys}}},
	}
	typesFileShape = &shape{section: true, under: map[string]*shape{"types": {section: true, each: typeShape}}}
	tableShape     = &shape{
		section: true,
		order:   tableKeys,
		under: map[string]*shape{
			"per": fieldsShape, "fields": fieldsShape, "indexes": indexesShape,
			"key":   {order: keyKeys},
			"ttl":   {order: ttlKeys},
			"check": {section: true, each: &shape{order: checkKeys}},
		},
	}
)

// sameNode reports whether two nodes say the same; the order of the words of a
// mapping says nothing, that of its names does.
func sameNode(a, b *node, s *shape) bool {
	if a == nil || b == nil || a.kind != b.kind || a.text != b.text || (a.quoting == plain) != (b.quoting == plain) ||
		len(a.items) != len(b.items) || len(a.pairs) != len(b.pairs) {
		return false
	}
	for i := range a.items {
		item := noShape
		if s.each != nil {
			item = s.each
		}
		if !sameNode(a.items[i], b.items[i], item) {
			return false
		}
	}
	for i, p := range a.pairs {
		other := b.get(p.key.text)
		if s.order == nil && b.pairs[i].key.text != p.key.text || other == nil || !sameNode(p.value, other, s.child(p.key.text)) {
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
