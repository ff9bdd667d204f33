package docs

import (
	"fmt"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/schema/describe"
)

// This file lays the tables out as a drawing that needs nothing but the page it
// is on: boxes in columns, and a curve from each field that refers to another
// table to the head of that.

// Sizes in the units of the drawing, about a pixel each.
const (
	charWidth = 7.3 // of the font for code at its size in the page
	rowHeight = 20
	headSize  = 26
	padding   = 10
	gapX      = 70
	gapY      = 28
	markSpace = 3 // characters between a name and what stands behind it
)

// A drawing is the tables of a schema, placed.
type drawing struct {
	Width, Height int
	Boxes         []*box
	Curves        []curve
}

type box struct {
	X, Y, Width, Height int
	Name                string
	Rows                []boxRow
}

type boxRow struct {
	Y                int // of its text
	Name, Type, Mark string
}

// A curve goes from a row to a box; Path is that of SVG.
type curve struct {
	Path  string
	Title string
}

// HeadY is where the name of the table is written.
func (b *box) HeadY() int { return b.Y + headSize - 8 }

// LineY is where the head ends.
func (b *box) LineY() int { return b.Y + headSize }

// RightX is where the box ends.
func (b *box) RightX() int { return b.X + b.Width }

// TextX is where texts begin.
func (b *box) TextX() int { return b.X + padding }

// EndX is where texts end.
func (b *box) EndX() int { return b.X + b.Width - padding }

func draw(set *describe.Schema) *drawing {
	d := &drawing{}
	boxes := map[*catalog.Table]*box{}
	for _, t := range set.Tables {
		b := measure(t)
		boxes[t] = b
		d.Boxes = append(d.Boxes, b)
	}
	d.place()
	for _, r := range references(set) {
		title := fmt.Sprintf("%s.%s refers to %s", r.from.Name, r.from.Fields[r.field].Name, r.to.Name)
		d.Curves = append(d.Curves, curve{Path: path(boxes[r.from], r.field, boxes[r.to]), Title: title})
	}
	return d
}

// measure makes the box of a table, with no place yet.
func measure(t *catalog.Table) *box {
	b := &box{Name: t.Name, Height: headSize + rowHeight*len(t.Fields) + padding/2}
	widest := utf8.RuneCountInString(t.Name)
	for i := range t.Fields {
		f := &t.Fields[i]
		typ := f.Type.Written()
		if f.Optional {
			typ += "?"
		}
		r := boxRow{Name: f.Name, Type: typ, Mark: mark(t, i)}
		b.Rows = append(b.Rows, r)
		widest = max(widest, utf8.RuneCountInString(r.Name+r.Type+r.Mark)+2*markSpace)
	}
	b.Width = int(float64(widest)*charWidth) + 2*padding
	return b
}

// place puts the boxes into columns, each next one into the shortest, so that the
// whole is about as high as it is wide.
func (d *drawing) place() {
	if len(d.Boxes) == 0 {
		return
	}
	area, widest := 0, 0
	for _, b := range d.Boxes {
		area += (b.Width + gapX) * (b.Height + gapY)
		widest = max(widest, b.Width)
	}
	n := min(len(d.Boxes), max(1, int(math.Round(math.Sqrt(float64(area))*1.2/float64(widest+gapX)))))
	columns := make([][]*box, n)
	heights := make([]int, n)
	for _, b := range d.Boxes {
		shortest := slices.Index(heights, slices.Min(heights))
		b.Y = heights[shortest] + gapY/2
		heights[shortest] += b.Height + gapY
		columns[shortest] = append(columns[shortest], b)
	}
	x := gapX / 2
	for _, column := range columns {
		width := 0
		for _, b := range column {
			b.X = x
			width = max(width, b.Width)
			for i := range b.Rows {
				b.Rows[i].Y = b.Y + headSize + rowHeight*i + rowHeight - 5
			}
		}
		x += width + gapX
	}
	d.Width, d.Height = x-gapX/2, slices.Max(heights)
}

// path is a curve from a row of one box to the head of another, from side to side
// as they lie.
func path(from *box, row int, to *box) string {
	y1, y2 := from.Y+headSize+rowHeight*row+rowHeight/2, to.Y+headSize/2
	x1, x2 := from.X+from.Width, to.X+to.Width
	bend1, bend2 := x1+gapX/2, x2+gapX/2 // both to the right, around what lies between
	switch {
	case to.X > from.X+from.Width:
		x2 = to.X
		bend2 = x2 - gapX/2
	case to.X+to.Width < from.X:
		x1 = from.X
		bend1 = x1 - gapX/2
	}
	return fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x1, y1, bend1, y1, bend2, y2, x2, y2)
}
