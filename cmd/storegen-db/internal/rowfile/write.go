package rowfile

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/storegen/storegen/arrowstore"
	"github.com/storegen/storegen/cmd/storegen-db/internal/show"
	"github.com/storegen/storegen/parquetstore"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
)

// A format is a way to write rows.
type format struct {
	name string
	ends []string // of names of files
	text bool     // a person can read it
	// reads says that files of the format are read too.
	reads bool
}

// formats are all of them, in the order in which help names them.
var formats = []format{
	{name: "table", text: true},
	{name: "json", ends: []string{".json", ".jsonl", ".ndjson"}, text: true, reads: true},
	{name: "csv", ends: []string{".csv"}, text: true, reads: true},
	{name: "arrow", ends: []string{".arrow", ".feather"}, reads: true},
	{name: "arrows", ends: []string{".arrows"}, reads: true}, // the stream format
	{name: "parquet", ends: []string{".parquet"}, reads: true},
}

// FormatOf is the format of a file by its name, or "" where that does not tell.
func FormatOf(name string) string {
	for _, f := range formats {
		if slices.Contains(f.ends, strings.ToLower(filepath.Ext(name))) {
			return f.name
		}
	}
	return ""
}

// Formats are those of files that are read and written.
func Formats() []string {
	var names []string
	for _, f := range formats {
		if f.reads {
			names = append(names, f.name)
		}
	}
	return names
}

// CheckFormat is the error of a format that there is not; table is one only where printed says
// so.
func CheckFormat(name string, printed bool) error {
	var names []string
	for _, f := range formats {
		if !f.reads && !printed {
			continue
		}
		if f.name == name {
			return nil
		}
		names = append(names, f.name)
	}
	return fmt.Errorf("there is no format %q: use one of %s", name, strings.Join(names, ", "))
}

// readable reports whether a person can read a format.
func readable(name string) bool {
	i := slices.IndexFunc(formats, func(f format) bool { return f.name == name })
	return i >= 0 && formats[i].text
}

// A Scan is rows to write.
type Scan struct {
	Table   provider.Table
	Request *provider.ScanRequest // without columns
	Columns []int                 // in the order to write them in
	Format  string
	// Terminal says that a person sees what is written.
	Terminal bool
	// Progress is called with the rows that were written, from time to time; it may be nil.
	Progress func(rows int64)
}

// Write writes the rows of a scan, and returns how many there were.
func Write(ctx context.Context, w io.Writer, s Scan) (int64, error) {
	if err := CheckFormat(s.Format, true); err != nil {
		return 0, err
	}
	req := *s.Request
	req.Columns = provider.Cols(s.Columns...)
	if readable(s.Format) {
		return s.writeText(ctx, w, &req)
	}
	if s.Terminal {
		return 0, fmt.Errorf("%s is not for a terminal: write it to a file or a pipe", s.Format)
	}
	o := &arrowstore.Options{File: s.Format == "arrow", Progress: s.Progress}
	if s.Format == "parquet" {
		return parquetstore.Export(ctx, w, s.Table, &req, o)
	}
	return arrowstore.Export(ctx, w, s.Table, &req, o)
}

func (s *Scan) writeText(ctx context.Context, w io.Writer, req *provider.ScanRequest) (n int64, err error) {
	out, err := newTextWriter(w, s.Terminal, s.Format, s.Table.Def(), s.Columns)
	if err != nil {
		return 0, err
	}
	cur, err := s.Table.Scan(ctx, req)
	if err != nil {
		return 0, err
	}
	defer cur.Close()
	values := make([]provider.Value, len(s.Columns))
	for cur.Next() {
		for i, col := range s.Columns {
			values[i] = cur.Value(col)
		}
		if err := out.row(values); err != nil {
			return n, err
		}
		if n++; s.Progress != nil {
			s.Progress(n)
		}
	}
	if err := cur.Err(); err != nil {
		return n, err
	}
	return n, out.end()
}

// textWriter writes rows, one by one.
type textWriter interface {
	row(values []provider.Value) error
	end() error
}

func newTextWriter(w io.Writer, terminal bool, format string, def *provider.TableDef, columns []int) (textWriter, error) {
	names := make([]string, len(columns))
	for i, col := range columns {
		names[i] = def.Columns[col].Name
	}
	switch format {
	case "table":
		return tableWriter{show.NewTable(w, names, numbers(def, columns))}, nil
	case "json":
		return &JSONWriter{W: w, Names: names}, nil
	case "csv":
		return &csvWriter{w: w, terminal: terminal}, writeHead(w, names)
	}
	return nil, fmt.Errorf("the format %q is not written row by row", format)
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

// tableWriter prints a table; what is null is an empty cell.
type tableWriter struct{ t *show.Table }

func (t tableWriter) row(values []provider.Value) error {
	cells := make([]string, len(values))
	for i, v := range values {
		if !v.IsNull() {
			cells[i] = v.String()
		}
	}
	return t.t.Row(cells)
}

func (t tableWriter) end() error { return t.t.End() }

// JSONWriter prints an object in each line, without the columns that are null.
type JSONWriter struct {
	W     io.Writer
	Names []string
	buf   []byte
}

// Row prints a row.
func (j *JSONWriter) Row(values []provider.Value) error {
	b := append(j.buf[:0], '{')
	for i, v := range values {
		if v.IsNull() {
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(kind.AppendJSONString(b, j.Names[i]), ':')
		b = kind.AppendJSON(b, v)
	}
	j.buf = append(b, "}\n"...)
	_, err := j.W.Write(show.SafeJSON(j.buf))
	return err
}

func (j *JSONWriter) row(values []provider.Value) error { return j.Row(values) }
func (j *JSONWriter) end() error                        { return nil }

// writeHead writes the names of the columns of a CSV file.
func writeHead(w io.Writer, names []string) error {
	cells := make([]csvCell, len(names))
	for i, name := range names {
		cells[i].text = show.Safe(name)
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
				cell.text = show.Safe(cell.text)
			}
		}
		c.cells = append(c.cells, cell)
	}
	c.buf = appendCSV(c.buf[:0], c.cells)
	_, err := c.w.Write(c.buf)
	return err
}

func (c *csvWriter) end() error { return nil }
