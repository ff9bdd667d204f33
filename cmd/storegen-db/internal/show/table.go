package show

import (
	"fmt"
	"io"
	"strings"

	"github.com/mattn/go-runewidth"
)

// width is how many columns of a terminal a text takes: two for a sign of Chinese, none for an
// accent that is a sign of its own.
func width(s string) int { return widths.StringWidth(s) }

// widths takes signs whose width is a matter of the font for narrow ones, as the rule below
// the head is made of such.
var widths = &runewidth.Condition{}

// How a table is printed: the widest cell, and how many rows tell how wide columns are.
const (
	mostCell  = 60
	rowsAhead = 500
)

// Table prints rows in columns, which are aligned by the rows that come first.
type Table struct {
	w       io.Writer
	names   []string
	numbers []bool
	ahead   [][]string
	widths  []int // once they are known
	rows    int
}

// NewTable prints rows of columns; those that numbers says are aligned to the right.
func NewTable(w io.Writer, names []string, numbers []bool) *Table {
	return &Table{w: w, names: names, numbers: numbers}
}

// Row prints a row, whose cells may hold anything. They are kept.
func (t *Table) Row(cells []string) error {
	for i := range cells {
		cells[i] = Cell(cells[i], mostCell)
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
func (t *Table) begin() error {
	t.widths = make([]int, len(t.names))
	head, rule := make([]string, len(t.names)), make([]string, len(t.names))
	for i, name := range t.names {
		head[i] = Cell(name, mostCell)
		t.widths[i] = width(head[i])
		for _, cells := range t.ahead {
			t.widths[i] = max(t.widths[i], width(cells[i]))
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

func (t *Table) line(cells []string) error {
	var b strings.Builder
	for i, c := range cells {
		pad := strings.Repeat(" ", max(0, t.widths[i]-width(c)))
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

// Cut prints what is left where rows end with an error: how many there are is not known, nor
// that there are none.
func (t *Table) Cut() error {
	if t.widths != nil || len(t.ahead) == 0 {
		return nil
	}
	return t.begin()
}

// End prints what is left, and how many rows there were.
func (t *Table) End() error {
	if t.widths == nil {
		if err := t.begin(); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(t.w, Rows(int64(t.rows)))
	return err
}
