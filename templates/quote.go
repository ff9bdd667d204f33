package templates

import (
	"slices"
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"
)

const module = "github.com/storegen/storegen"

// packages are those that the text of emitters names, as store in store.DB.
var packages = map[string]string{
	"keys": module + "/keys", "record": module + "/runtime/record", "store": module + "/runtime/store", "storeimpl": module + "/runtime/storeimpl",
	"catalog": module + "/runtime/catalog", "kind": module + "/runtime/kind", "civil": module + "/runtime/civil", "decimal": module + "/runtime/decimal", "access": module + "/runtime/access", "provider": module + "/runtime/provider",
	"uuid": "github.com/google/uuid", "json": "encoding/json", "bytes": "bytes", "cmp": "cmp", "context": "context",
	"fmt": "fmt", "iter": "iter", "math": "math", "strconv": "strconv", "time": "time", "unsafe": "unsafe",
}

// quote makes Go text jennifer's. A name of another package is store.DB in it, or
// "example.com/app/model".User where the package is not in the table: jennifer makes
// the imports, and renames one that clashes.
func (g *generator) quote(text string) *jen.Statement {
	out, done := &jen.Statement{}, 0
	for i := 0; i < len(text); {
		start := i
		i += tokenLen(text[i:])
		if !strings.HasPrefix(text[i:], ".") {
			continue
		}
		word := text[start:i]
		of := packages[word]
		if word == "models" {
			of = g.models
		} else if word[0] == '"' {
			of, _ = strconv.Unquote(word) // as qualified quoted it
		}
		if of != "" {
			end := i + 1 + tokenLen(text[i+1:])
			out.Op(text[done:start]).Qual(of, text[i+1:end])
			i, done = end, end
		}
	}
	return out.Op(text[done:])
}

// tokenLen is the length of what Go text begins with: a comment, a literal, a word, or
// some other byte.
func tokenLen(text string) int {
	n := 0
	switch c := text[0]; {
	case strings.HasPrefix(text, "//"):
		for n < len(text) && text[n] != '\n' {
			n++
		}
	case c == '"' || c == '\'' || c == '`':
		for n = 1; n < len(text) && text[n] != c; n++ {
			if text[n] == '\\' && c != '`' {
				n++
			}
		}
		n++
	default:
		for n < len(text) && wordByte(text[n]) {
			n++
		}
	}
	return min(max(n, 1), len(text))
}

func wordByte(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c >= 0x80
}

// qualified is a name of a package that is not in the table.
func qualified(path, name string) string { return strconv.Quote(path) + "." + name }

// fill fills the holes of Go text: a name behind a $ each. pairs are the holes and
// what goes into them; one that another begins with comes after that. A line that
// is nothing but a hole for nothing is left out, and so are the ends of the first and
// the last line.
func fill(text string, pairs ...string) string {
	text = strings.TrimSuffix(strings.TrimPrefix(text, "\n"), "\n")
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			text = strings.ReplaceAll(text, "\t"+pairs[i]+"\n", "")
		}
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// block is what stands in braces behind a function or a condition.
func block(statements ...string) string { return "{\n" + lines(statements...) + "\n}" }

// body is the block of a function, which a single statement shares a line with.
func body(statements ...string) string {
	if text := lines(statements...); !strings.Contains(text, "\n") {
		return "{ " + text + " }"
	}
	return block(statements...)
}

// lines are texts that are not empty, each on a line.
func lines(texts ...string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(texts), func(s string) bool { return s == "" }), "\n")
}

// ifThen is what is done on a condition.
func ifThen(condition string, statements ...string) string {
	return "if " + condition + " " + block(statements...)
}

// call is the call of a function.
func call(fn string, args ...string) string { return fn + "(" + strings.Join(args, ", ") + ")" }
