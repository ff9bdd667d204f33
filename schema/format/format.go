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
// indented by two spaces, one line for each field, type and index that is short
// enough. Comments and quotes stay, and so do the names and their order.
// Formatting again changes nothing, and the meaning of the file stays.
//
// The error is [diag.Diagnostics] if the file is not valid YAML, and an [Error] if the
// canonical form would lose something.
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
	// The result is formatted again until it stays the same: a comment among blank lines
	// may move at first.
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
		if !sameNode(before, after, fileStyle(before)) || !sameCharacters(string(f.Data), out) {
			break
		}
		text = out
	}
	return nil, &Error{File: src.Path}
}

// layout writes a file again; it is not ok if something would be lost.
func layout(text string) (string, bool) {
	text, mark := syntax.HideQuestions(strings.TrimPrefix(text, "\ufeff"))
	document, err := syntax.DecodeYAML(yaml.NewDecoder(strings.NewReader(text)))
	if err != nil {
		return "", false
	}
	p := &formatter{lines: strings.Split(text, "\n")}
	p.document(document)
	return strings.ReplaceAll(p.out.String(), string(mark), "?"), !p.lost
}

// An Error says that a file cannot be formatted without losing something.
type Error struct {
	File string
}

func (e *Error) Error() string {
	return e.File + " is left as it is: it cannot be formatted without loss; move comments to lines of their own, above what they are about"
}

var (
	fieldsStyle  = &style{section: true, each: fieldStyle}
	structStyle  = &style{each: fieldStyle}
	indexStyle   = &style{order: lang.IndexGrammar.Names()}
	indexesStyle = &style{section: true, each: indexStyle}
	typeStyle    = &style{
		order: lang.TypeGrammar.Names(),
		under: map[string]*style{lang.WordStruct: structStyle, lang.WordEnum: {each: &style{order: lang.EnumValueGrammar.Names()}}},
	}
	typesFileStyle = &style{section: true, under: map[string]*style{lang.WordTypes: {section: true, each: typeStyle}}}
	tableStyle     = &style{
		section: true,
		order:   lang.TableGrammar.Names(),
		under: map[string]*style{
			lang.WordPer: fieldsStyle, lang.WordFields: fieldsStyle, lang.WordIndexes: indexesStyle,
			lang.WordKey:   {order: lang.KeyGrammar.Names()},
			lang.WordTTL:   {order: lang.TTLGrammar.Names()},
			lang.WordCheck: {section: true, each: &style{order: lang.CheckGrammar.Names()}},
		},
	}
)

// sameNode reports whether two nodes mean the same. The order of words in a mapping
// does not matter, that of names does.
func sameNode(a, b *syntax.Node, s *style) bool {
	if a == nil || b == nil || a.Kind != b.Kind || a.Text != b.Text || (a.Quoting == syntax.Plain) != (b.Quoting == syntax.Plain) ||
		len(a.Items) != len(b.Items) || len(a.Pairs) != len(b.Pairs) {
		return false
	}
	for i := range a.Items {
		item := noStyle
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

// sameCharacters reports whether two texts hold the same characters, except blanks and
// the punctuation that formatting adds and removes. It shows that no comment is lost.
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
