package main

import (
	"bytes"
	"fmt"
	"html"
	"math"

	"github.com/storegen/storegen/bench"
)

// colours are those of the contestants behind the twin, told apart also by those
// who see no red or green.
var colours = []string{"#999999", "#d55e00", "#000000", "#0072b2", "#56b4e9", "#009e73", "#882255", "#cc79a7", "#e69f00", "#8c564b", "#f0e442", "#7f3fbf", "#44aa99"}

// plot shows the ratios to the twin on a logarithmic scale: a line for each
// operation, a dot for each contestant, and a bar for how far its passes spread.
// It is grey behind what the twin differs from itself.
func (r *results) plot() []byte {
	const (
		left, right, top, row = 150, 20, 60, 20
		width                 = 900
	)
	var ops []string
	least, most := 0.5, 2.0
	for i := range bench.Operations {
		op := bench.Operations[i].Name
		if r.of(op, bench.Twin) == nil {
			continue
		}
		ops = append(ops, op)
		for _, e := range r.players[1:] {
			if got := r.of(op, e.Name); got != nil {
				q := ratioOf(got, r.of(op, bench.Twin), cpuOf)
				least, most = min(least, q.least), max(most, q.most)
			}
		}
	}
	low, high := math.Floor(math.Log10(max(least, 1e-3))*2)/2, math.Ceil(math.Log10(most))
	x := func(ratio float64) float64 {
		return left + (math.Log10(max(ratio, 1e-3))-low)/(high-low)*(width-left-right)
	}
	height := top + row*len(ops) + 30
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="sans-serif" font-size="11">`+"\n", width, height, width, height)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="white"/>`+"\n", width, height)
	at := 0.0
	for i, e := range r.players[1:] {
		fmt.Fprintf(&b, `<circle cx="%.0f" cy="%d" r="4" fill="%s"/><text x="%.0f" y="%d">%s</text>`+"\n",
			10+at, 14+16*(i/6), colours[i%len(colours)], 18+at, 18+16*(i/6), html.EscapeString(e.Name))
		if at += 145; i%6 == 5 {
			at = 0
		}
	}
	for e := int(math.Ceil(low)); e <= int(high); e++ {
		v := math.Pow(10, float64(e))
		fmt.Fprintf(&b, `<line x1="%.1f" y1="%d" x2="%.1f" y2="%d" stroke="%s"/><text x="%.1f" y="%d" text-anchor="middle">%g</text>`+"\n",
			x(v), top-8, x(v), height-24, map[bool]string{true: "#444444", false: "#dddddd"}[e == 0], x(v), height-8, v)
	}
	for i, op := range ops {
		y := top + row*i + row/2
		fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end">%s</text><line x1="%d" y1="%d" x2="%d" y2="%d" stroke="#eeeeee"/>`+"\n",
			left-8, y+4, html.EscapeString(op), left, y+row/2, width-right, y+row/2)
		twin := r.of(op, bench.Twin)
		for j, e := range r.players[1:] {
			got := r.of(op, e.Name)
			if got == nil {
				continue
			}
			q := ratioOf(got, twin, cpuOf)
			c := colours[j%len(colours)]
			if e.Name == bench.TwinAgain {
				fmt.Fprintf(&b, `<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="#dddddd"/>`+"\n", x(q.least), y-row/2+1, max(1, x(q.most)-x(q.least)), row-2)
				continue
			}
			fmt.Fprintf(&b, `<line x1="%.1f" y1="%d" x2="%.1f" y2="%d" stroke="%s" stroke-opacity="0.5"/><circle cx="%.1f" cy="%d" r="4" fill="%s"><title>%s</title></circle>`+"\n",
				x(q.least), y, x(q.most), y, c, x(q.median), y, c, html.EscapeString(fmt.Sprintf("%s, %s: %s", e.Name, op, short(q.median))))
		}
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}
