package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
)

// rowWriter prints rows.
type rowWriter interface {
	row(values []provider.Value) error
	end() error
}

// formats are the ways to print rows.
var formats = []string{"table", "json", "csv"}

// newRowWriter prints some columns of a table in a format.
func newRowWriter(w io.Writer, terminal bool, format string, def *provider.TableDef, columns []int) (rowWriter, error) {
	names := make([]string, len(columns))
	for i, col := range columns {
		names[i] = def.Columns[col].Name
	}
	switch format {
	case "table":
		return &tableWriter{w: w, names: names, numbers: numbers(def, columns)}, nil
	case "json":
		return &jsonWriter{w: w, names: names}, nil
	case "csv":
		return &csvWriter{w: w, terminal: terminal}, writeHead(w, names)
	}
	return nil, usagef("there is no format %q: use one of %s", format, strings.Join(formats, ", "))
}

// numbers are the columns that are aligned to the right.
func numbers(def *provider.TableDef, columns []int) []bool {
	out := make([]bool, len(columns))
	for i, c := range columns {
		s := kind.Of(def.Columns[c].Kind)
		out[i] = s != nil && (s.Bits > 0 || s.Kind == kind.Decimal)
	}
	return out
}

// How a table is printed: the widest cell, and how many rows tell how wide columns are.
const (
	mostCell  = 60
	rowsAhead = 500
)

// tableWriter aligns columns by the rows that come first.
type tableWriter struct {
	w       io.Writer
	names   []string
	numbers []bool
	ahead   [][]string
	widths  []int // once they are known
	rows    int
}

func (t *tableWriter) row(values []provider.Value) error {
	cells := make([]string, len(values))
	for i, v := range values {
		if !v.IsNull() {
			cells[i] = cell(v.String(), mostCell)
		}
	}
	t.rows++
	if t.widths != nil {
		return t.line(cells)
	}
	if t.ahead = append(t.ahead, cells); len(t.ahead) < rowsAhead {
		return nil
	}
	return t.begin()
}

// begin prints the head, and the rows that have told how wide the columns are.
func (t *tableWriter) begin() error {
	t.widths = make([]int, len(t.names))
	head, rule := make([]string, len(t.names)), make([]string, len(t.names))
	for i, name := range t.names {
		head[i] = cell(name, mostCell)
		t.widths[i] = utf8.RuneCountInString(head[i])
		for _, cells := range t.ahead {
			t.widths[i] = max(t.widths[i], utf8.RuneCountInString(cells[i]))
		}
		rule[i] = strings.Repeat("─", t.widths[i])
	}
	for _, cells := range append([][]string{head, rule}, t.ahead...) {
		if err := t.line(cells); err != nil {
			return err
		}
	}
	t.ahead = nil
	return nil
}

func (t *tableWriter) line(cells []string) error {
	var b strings.Builder
	for i, c := range cells {
		pad := strings.Repeat(" ", max(0, t.widths[i]-utf8.RuneCountInString(c)))
		if i > 0 {
			b.WriteString("  ")
		}
		if t.numbers[i] {
			b.WriteString(pad + c)
		} else {
			b.WriteString(c + pad)
		}
	}
	_, err := fmt.Fprintln(t.w, strings.TrimRight(b.String(), " "))
	return err
}

func (t *tableWriter) end() error {
	if t.widths == nil {
		if err := t.begin(); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(t.w, rowsText(int64(t.rows)))
	return err
}

// jsonWriter prints an object in each line, without the columns that are null.
type jsonWriter struct {
	w     io.Writer
	names []string
	buf   []byte
}

func (j *jsonWriter) row(values []provider.Value) error {
	b := append(j.buf[:0], '{')
	for i, v := range values {
		if v.IsNull() {
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(kind.AppendJSONString(b, j.names[i]), ':')
		b = kind.AppendJSON(b, v)
	}
	j.buf = append(b, "}\n"...)
	_, err := j.w.Write(safeJSON(j.buf))
	return err
}

func (j *jsonWriter) end() error { return nil }

// writeHead writes the names of the columns of a CSV file.
func writeHead(w io.Writer, names []string) error {
	cells := make([]csvCell, len(names))
	for i, name := range names {
		cells[i].text = safe(name)
	}
	_, err := w.Write(appendCSV(nil, cells))
	return err
}

// csvWriter prints rows; what is null is an empty cell. A terminal gets texts that it does
// not obey, and a file the texts as they are.
type csvWriter struct {
	w        io.Writer
	terminal bool
	cells    []csvCell
	buf      []byte
}

func (c *csvWriter) row(values []provider.Value) error {
	c.cells = c.cells[:0]
	for _, v := range values {
		cell := csvCell{null: v.IsNull()}
		if !cell.null {
			if cell.text = v.String(); c.terminal {
				cell.text = safe(cell.text)
			}
		}
		c.cells = append(c.cells, cell)
	}
	c.buf = appendCSV(c.buf[:0], c.cells)
	_, err := c.w.Write(c.buf)
	return err
}

func (c *csvWriter) end() error { return nil }
