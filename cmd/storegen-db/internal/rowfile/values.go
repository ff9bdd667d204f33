// Package rowfile is rows in files: JSON lines, CSV, Arrow and Parquet, and values as a person
// types them.
package rowfile

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/storegen/storegen/cmd/storegen-db/internal/show"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
)

// ParseText reads a value of a column as a person types it: as in JSON, without quotes; bytes
// may be 0x and hexadecimal, and durations as schemas have them.
func ParseText(column *provider.Column, text string) (provider.Value, error) {
	if column.Document() {
		if !json.Valid([]byte(text)) {
			return provider.Value{}, fmt.Errorf("%s: %q is not JSON", column.Name, text)
		}
		return kind.JSONOf(text), nil
	}
	return ParseScalar(column.Name, column.Type, text)
}

// ParseScalar is ParseText for a value of a type, of the column of a name.
func ParseScalar(name string, t *catalog.Type, text string) (provider.Value, error) {
	s := kind.Of(t.Kind)
	if digits, ok := strings.CutPrefix(text, "0x"); ok && t.Kind == kind.Bytes {
		b, err := hex.DecodeString(digits)
		if err != nil {
			return provider.Value{}, fmt.Errorf("%s: %q begins with 0x, and is no hexadecimal: %w", name, text, err)
		}
		return kind.BytesOf(b), nil
	}
	if t.Kind == kind.Bytes { // a text, as tables show them
		return kind.BytesOf([]byte(text)), nil
	}
	if v, ok := s.ParseJSON(&t.Params, text, text, true); ok {
		return v, nil
	}
	if v, ok := s.ParseJSON(&t.Params, text, "", false); ok {
		return v, nil
	}
	return provider.Value{}, fmt.Errorf("%s: %q is no %s: want %s", name, text, t.Written(), s.WantJSON(&t.Params))
}

// Columns are columns by their names, separated by commas; all for "".
func Columns(def *provider.TableDef, names string) ([]int, error) {
	if names == "" {
		return def.All().List(), nil
	}
	var out []int
	for _, name := range strings.Split(names, ",") {
		i, err := Column(def, strings.TrimSpace(name))
		if err != nil {
			return nil, err
		}
		out = append(out, i)
	}
	return out, nil
}

// Column is a column by its name.
func Column(def *provider.TableDef, name string) (int, error) {
	if i := def.ColumnNamed(name); i >= 0 {
		return i, nil
	}
	names := make([]string, len(def.Columns))
	for i := range names {
		names[i] = def.Columns[i].Name
	}
	return 0, fmt.Errorf("%s has no column %q; %s", def.Name, name, show.Suggest(name, names))
}

// ParseRow reads a row from a JSON object, a value by column. Columns that are not in it are
// null.
func ParseRow(def *provider.TableDef, text []byte) (values []provider.Value, given []bool, err error) {
	var members map[string]json.RawMessage
	if text = bytes.TrimSpace(text); len(text) == 0 || text[0] != '{' {
		return nil, nil, fmt.Errorf("a row is a JSON object, {…}, and this is %q", show.Cell(string(text), 30))
	}
	if err := json.Unmarshal(text, &members); err != nil {
		return nil, nil, err
	}
	values, given = make([]provider.Value, len(def.Columns)), make([]bool, len(def.Columns))
	for name, member := range members {
		i, err := Column(def, name)
		if err != nil {
			return nil, nil, err
		}
		given[i] = true
		c := &def.Columns[i]
		if string(member) == "null" && c.Kind != kind.JSON {
			continue
		}
		if c.Kind == kind.JSON {
			values[i] = kind.JSONOf(string(member))
			continue
		}
		v, ok := kind.ParseJSON(c.Kind, &c.Type.Params, member)
		if !ok {
			return nil, nil, fmt.Errorf("%s: %s is no %s: want %s", name, member, c.Type.Written(), kind.Of(c.Kind).WantJSON(&c.Type.Params))
		}
		values[i] = v
	}
	return values, given, nil
}

// cellsRow reads a row from the cells of a CSV file; an empty one is null, and one in quotes too
// unless the column is of texts or bytes.
func cellsRow(def *provider.TableDef, columns []int, cells []csvCell) ([]provider.Value, []bool, error) {
	if len(cells) != len(columns) {
		return nil, nil, fmt.Errorf("there are %d cells, and %d names of columns", len(cells), len(columns))
	}
	values, given := make([]provider.Value, len(def.Columns)), make([]bool, len(def.Columns))
	for i, c := range cells {
		column := &def.Columns[columns[i]]
		texts := !column.Document() && (column.Kind == kind.String || column.Kind == kind.Bytes)
		if c.null || c.text == "" && !texts {
			continue
		}
		given[columns[i]] = true
		var err error
		if values[columns[i]], err = ParseText(column, c.text); err != nil {
			return nil, nil, err
		}
	}
	return values, given, nil
}

// Objects reads JSON objects one behind the other, and counts them from 1.
func Objects(r io.Reader, each func(n int, text json.RawMessage) error) error {
	dec := json.NewDecoder(r)
	for n := 1; ; n++ {
		var text json.RawMessage
		switch err := dec.Decode(&text); {
		case err == io.EOF:
			return nil
		case errors.Is(err, io.ErrUnexpectedEOF):
			return fmt.Errorf("row %d: it ends in the middle of its JSON: is a } missing, or the end of the file?", n)
		case err != nil:
			return fmt.Errorf("row %d: %w", n, err)
		}
		if err := each(n, text); err != nil {
			return err
		}
	}
}
