package sqlshell

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/storegen/storegen/cmd/storegen-db/internal/show"
	"github.com/storegen/storegen/runtime/kind"
)

// writer prints the rows of a statement.
type writer interface {
	row(values []any) error
	end() error
	cut() error // end, where an error has ended the rows
}

func newWriter(w io.Writer, format string, terminal bool, names []string) (writer, error) {
	if len(names) == 0 {
		return nothing{}, nil
	}
	switch format {
	case "table":
		numbers := make([]bool, len(names))
		for i := range numbers {
			numbers[i] = true // until something else is seen
		}
		return &tableWriter{show.NewTable(w, names, numbers), numbers}, nil
	case "json":
		return &jsonWriter{w: w, names: names}, nil
	case "csv":
		c := &csvWriter{w: w, terminal: terminal}
		return c, c.head(names)
	}
	return nil, fmt.Errorf("there is no format %q: use one of %s", format, strings.Join(Formats, ", "))
}

// nothing is the writer of a statement without columns.
type nothing struct{}

func (nothing) row([]any) error { return nil }
func (nothing) end() error      { return nil }
func (nothing) cut() error      { return nil }

// text is a value as tables and CSV show it.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case []byte:
		return "0x" + hex.EncodeToString(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	}
	return fmt.Sprint(v)
}

type tableWriter struct {
	t       *show.Table
	numbers []bool // of the table, which looks at them when it prints the first row
}

func (t *tableWriter) row(values []any) error {
	cells := make([]string, len(values))
	for i, v := range values {
		cells[i] = text(v)
		switch v.(type) {
		case nil, int64, float64:
		default:
			t.numbers[i] = false
		}
	}
	return t.t.Row(cells)
}

func (t *tableWriter) end() error { return t.t.End() }
func (t *tableWriter) cut() error { return t.t.Cut() }

// jsonWriter prints an object in each line.
type jsonWriter struct {
	w     io.Writer
	names []string
	buf   []byte
}

func (j *jsonWriter) row(values []any) error {
	b := append(j.buf[:0], '{')
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(kind.AppendJSONString(b, j.names[i]), ':')
		switch v := v.(type) {
		case nil:
			b = append(b, "null"...)
		case int64, bool:
			b = append(b, text(v)...)
		case float64:
			if math.IsInf(v, 0) || math.IsNaN(v) {
				b = kind.AppendJSONString(b, text(v))
			} else {
				b = append(b, text(v)...)
			}
		case []byte:
			b = kind.AppendJSONString(b, base64.StdEncoding.EncodeToString(v))
		default:
			b = kind.AppendJSONString(b, text(v))
		}
	}
	j.buf = append(b, "}\n"...)
	_, err := j.w.Write(show.SafeJSON(j.buf))
	return err
}

func (j *jsonWriter) end() error { return nil }
func (j *jsonWriter) cut() error { return nil }

// csvWriter prints records; what is null is an empty cell, and a text without characters "".
type csvWriter struct {
	w        io.Writer
	terminal bool
}

func (c *csvWriter) head(names []string) error {
	values := make([]any, len(names))
	for i, name := range names {
		values[i] = name
	}
	return c.row(values)
}

func (c *csvWriter) row(values []any) error {
	var b strings.Builder
	for i, v := range values {
		if i > 0 {
			b.WriteByte(',')
		}
		cell := text(v)
		if c.terminal {
			cell = show.Safe(cell)
		}
		if v != nil && cell == "" || strings.ContainsAny(cell, ",\"\r\n") {
			cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
		}
		b.WriteString(cell)
	}
	b.WriteByte('\n')
	_, err := io.WriteString(c.w, b.String())
	return err
}

func (c *csvWriter) end() error { return nil }
func (c *csvWriter) cut() error { return nil }
