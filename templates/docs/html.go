package docs

import (
	"bytes"
	_ "embed"
	"html"
	"html/template"
	"strings"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema/describe"
)

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"access": accessOf, "ttl": ttl, "costs": Costs, "writeCost": WriteCost, "traits": traits, "plain": plain, "names": names, "code": code,
	"first": firstSentence, "kind": func(t *catalog.Type) string { return kind.TypeText(t.Kind, &t.Params) },
	"paragraphs": func(doc string) []string { return strings.Split(strings.TrimSpace(doc), "\n\n") },
}).Parse(pageText))

// HTML describes all tables and types of a schema as one page that stands alone:
// it loads nothing from a network, and runs no script.
func HTML(set *describe.Schema) ([]byte, error) {
	var b bytes.Buffer
	err := pageTemplate.Execute(&b, struct {
		*describe.Schema
		Drawing *drawing
	}{set, draw(set)})
	return b.Bytes(), err
}

// code is a text with what stands in backticks as code, and everything escaped.
func code(text string) template.HTML {
	parts := strings.Split(html.EscapeString(text), "`")
	var b strings.Builder
	for i, part := range parts {
		switch {
		case i%2 == 0:
			b.WriteString(part)
		case i+1 < len(parts):
			b.WriteString("<code>" + part + "</code>")
		default:
			b.WriteString("`" + part) // of no pair
		}
	}
	return template.HTML(b.String())
}
