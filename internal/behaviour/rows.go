package behaviour

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/storegen/storegen/internal/torture/dynamic"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
)

// start is where the clock stands at first. Moments are written by their distance from it.
var start = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// parseRow reads a row as `id=ann age=3 tags=[a b] at=+1h`. A field that is not there is
// absent.
func parseRow(desc *catalog.Table, line string) (*dynamic.Row, error) {
	row := &dynamic.Row{Fields: make([]any, len(desc.Fields))}
	words, err := split(line)
	if err != nil {
		return nil, err
	}
	for _, word := range words {
		if err := setField(desc.Fields, row.Fields, word); err != nil {
			return nil, err
		}
	}
	return row, nil
}

// setField sets the field in a word as age=3; age= makes it absent.
func setField(fields []catalog.Field, values []any, word string) error {
	name, text, ok := strings.Cut(word, "=")
	at := -1
	for i := range fields {
		if fields[i].Name == name {
			at = i
		}
	}
	if !ok || at < 0 {
		return fmt.Errorf("%q sets no field", word)
	}
	if text == "" {
		values[at] = nil
		return nil
	}
	v, err := parseValue(&fields[at].Type, text)
	values[at] = v
	return err
}

// split cuts a line at the spaces that are not within quotes or brackets.
func split(line string) ([]string, error) {
	var words []string
	var word strings.Builder
	depth, quoted := 0, false
	for _, c := range line {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{':
			depth++
		case c == ']' || c == '}':
			depth--
		case c == ' ' && depth == 0:
			if word.Len() > 0 {
				words = append(words, word.String())
				word.Reset()
			}
			continue
		}
		word.WriteRune(c)
	}
	if word.Len() > 0 {
		words = append(words, word.String())
	}
	if depth != 0 || quoted {
		return nil, fmt.Errorf("%q does not end", line)
	}
	return words, nil
}

// parseValue reads a value of a type.
func parseValue(t *catalog.Type, text string) (any, error) {
	switch t.Kind {
	case kind.List:
		words, err := split(strings.Trim(text, "[]"))
		out := []any{}
		for _, w := range words {
			v, failed := parseValue(t.Elem, w)
			if failed != nil {
				return nil, failed
			}
			out = append(out, v)
		}
		return out, err
	case kind.Struct:
		words, err := split(strings.Trim(text, "{}"))
		out := &dynamic.Struct{Fields: make([]any, len(t.Fields))}
		for _, w := range words {
			if err := setField(t.Fields, out.Fields, w); err != nil {
				return nil, err
			}
		}
		return out, err
	}
	return parseScalar(t, text)
}

// parseScalar reads a moment by its distance from start, text with quotes or without,
// and any other scalar as documents have it, where it needs no quotes.
func parseScalar(t *catalog.Type, text string) (kind.Value, error) {
	row := kind.Of(t.Kind)
	switch {
	case row == nil:
		return kind.Value{}, fmt.Errorf("no text of the kind %s can be read", t.Kind)
	case t.Kind == kind.Timestamp:
		d, err := time.ParseDuration(text)
		return kind.TimestampOf(start.Add(d)), err
	case row.Literal == kind.TextLiteral:
		if strings.HasPrefix(text, `"`) {
			plain, err := strconv.Unquote(text)
			if err != nil {
				return kind.Value{}, err
			}
			text = plain
		}
		return row.ParseLit(&t.Params, text)
	}
	for _, form := range []string{text, strconv.Quote(text)} {
		if v, ok := kind.ParseJSON(t.Kind, &t.Params, []byte(form)); ok {
			return v, nil
		}
	}
	return kind.Value{}, fmt.Errorf("%s is no %s: want %s", text, t.Kind, row.WantJSON(&t.Params))
}

// formatRow writes a row as parseRow reads it.
func formatRow(desc *catalog.Table, row *dynamic.Row) string {
	return formatFields(desc.Fields, row.Fields)
}

func formatFields(fields []catalog.Field, values []any) string {
	var words []string
	for i := range fields {
		if i < len(values) && values[i] != nil {
			words = append(words, fields[i].Name+"="+formatValue(&fields[i].Type, values[i]))
		}
	}
	return strings.Join(words, " ")
}

func formatValue(t *catalog.Type, v any) string {
	switch v := v.(type) {
	case kind.Value:
		return formatScalar(v)
	case []any:
		var words []string
		for _, e := range v {
			words = append(words, formatValue(t.Elem, e))
		}
		return "[" + strings.Join(words, " ") + "]"
	case *dynamic.Struct:
		return "{" + formatFields(t.Fields, v.Fields) + "}"
	}
	panic(fmt.Sprintf("a value of %T", v))
}

func formatScalar(v kind.Value) string {
	if kind.Of(v.Kind()).Literal == kind.TextLiteral {
		text := v.Text()
		if text == "" || strings.ContainsAny(text, " \"[]{}=") || !strconv.CanBackquote(text) {
			return strconv.Quote(text)
		}
		return text
	}
	return formatColumn(v)
}

// formatTime is a moment by its distance from start.
func formatTime(at time.Time) string {
	text := at.Sub(start).String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, zero) {
			text = strings.TrimSuffix(text, zero[1:])
		}
	}
	if !strings.HasPrefix(text, "-") {
		text = "+" + text
	}
	return text
}

// formatColumn writes a value of a column.
func formatColumn(v provider.Value) string {
	switch {
	case v.IsNull():
		return "null"
	case v.Kind() == kind.Timestamp:
		return formatTime(v.Time())
	}
	return v.String()
}
