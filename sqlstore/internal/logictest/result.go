package logictest

import (
	"crypto/md5"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// format is a value as results have it, by the type of its column.
func format(v any, typ byte) string {
	if v == nil {
		return "NULL"
	}
	switch typ {
	case 'I':
		return strconv.FormatInt(integer(v), 10)
	case 'R':
		return strconv.FormatFloat(real(v), 'f', 3, 64)
	}
	s := text(v)
	if s == "" {
		return "(empty)"
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '@'
		}
		return r
	}, s)
}

func text(v any) string {
	switch v := v.(type) {
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return realText(v)
	case string:
		return v
	case []byte:
		return string(v)
	}
	return fmt.Sprint(v)
}

// realText is a real as SQLite makes a text of it: with 15 digits, and a point.
func realText(f float64) string {
	s := strconv.FormatFloat(f, 'g', 15, 64)
	if !strings.ContainsAny(s, ".eIN") {
		s += ".0"
	}
	return s
}

// number is the number that a text begins with, as SQLite reads one.
func number(s string) string {
	s = strings.TrimLeft(s, " \t\n\r")
	for n := len(s); n > 0; n-- {
		if _, err := strconv.ParseFloat(s[:n], 64); err == nil && strings.Trim(s[:n], "0123456789+-.eE") == "" {
			return s[:n]
		}
	}
	return "0"
}

func real(v any) float64 {
	switch v := v.(type) {
	case int64:
		return float64(v)
	case float64:
		return v
	}
	f, _ := strconv.ParseFloat(number(text(v)), 64)
	return f
}

func integer(v any) int64 {
	switch v := v.(type) {
	case int64:
		return v
	case float64:
		switch {
		case v >= 1<<63:
			return 1<<63 - 1
		case v < -1<<63:
			return -1 << 63
		}
		return int64(v)
	}
	s := number(text(v))
	if i := strings.IndexAny(s, ".eE"); i >= 0 {
		s = s[:i]
	}
	n, _ := strconv.ParseInt(s, 10, 64)
	return n
}

// Result is what a query shows, as values, sorted.
type Result struct {
	Values []string
	Rows   int
}

// result formats and sorts rows.
func result(rows [][]any, types string, sort Sort) Result {
	width := len(types)
	all := make([]string, 0, len(rows)*width)
	for _, r := range rows {
		for i, v := range r {
			all = append(all, format(v, types[i]))
		}
	}
	switch sort {
	case RowSort:
		split := slices.Collect(slices.Chunk(all, max(width, 1)))
		slices.SortStableFunc(split, slices.Compare)
		all = slices.Concat(split...)
	case ValueSort:
		slices.Sort(all)
	}
	return Result{all, len(rows)}
}

// Hash is the one line that stands for many values.
func (r Result) Hash() string {
	h := md5.New()
	for _, v := range r.Values {
		h.Write([]byte(v))
		h.Write([]byte{'\n'})
	}
	return fmt.Sprintf("%d values hashing to %x", len(r.Values), h.Sum(nil))
}

// Lines are what a file has for the result: its values, or their hash if they are more than
// the threshold.
func (r Result) Lines(threshold int64) []string {
	if threshold > 0 && int64(len(r.Values)) > threshold {
		return []string{r.Hash()}
	}
	return r.Values
}

// differs tells how a result differs from what a file has, "" where it does not. Files may
// have a row a line, with spaces or tabs between the values.
func (r Result) differs(want []string, width int) string {
	if len(want) == 1 && strings.Contains(want[0], " values hashing to ") {
		if got := r.Hash(); got != want[0] {
			return fmt.Sprintf("want %s\ngot  %s%s", want[0], got, few(r.Values))
		}
		return ""
	}
	if slices.Equal(r.Values, want) {
		return ""
	}
	if width > 1 && len(want) == r.Rows {
		var lines []string
		for row := range slices.Chunk(r.Values, width) {
			lines = append(lines, strings.Join(strings.Fields(strings.Join(row, " ")), " "))
		}
		if slices.EqualFunc(lines, want, func(a, b string) bool { return a == strings.Join(strings.Fields(b), " ") }) {
			return ""
		}
	}
	return fmt.Sprintf("want %d values:%s\ngot %d values:%s", len(want), few(want), len(r.Values), few(r.Values))
}

func few(values []string) string {
	more := ""
	if len(values) > 12 {
		more = fmt.Sprintf("\n  and %d more", len(values)-12)
		values = values[:12]
	}
	if len(values) == 0 {
		return ""
	}
	return "\n  " + strings.Join(values, "\n  ") + more
}
