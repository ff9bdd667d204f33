package show

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// Progress shows how far long work has come, in one line of the terminal that is written over.
// A nil one shows nothing: standard error is no terminal then.
type Progress struct {
	w    io.Writer
	name string // of the command
	now  func() time.Time

	total      int64 // in the end, or 0 where that is not known
	done       int64
	begun, due time.Time
	width      int // of the line that is shown
}

// NewProgress shows the progress of a command on w.
func NewProgress(w io.Writer, name string, now func() time.Time) *Progress {
	return &Progress{w: w, name: name, now: now}
}

// progressEvery is the time between two lines, and before the first.
const progressEvery = 500 * time.Millisecond

// Of says how much there will be.
func (p *Progress) Of(total int64) {
	if p != nil {
		p.total = total
	}
}

// To says how much is done; amount is how that is written.
func (p *Progress) To(done int64, amount func(int64) string) {
	if p == nil {
		return
	}
	now := p.now()
	if p.begun.IsZero() {
		p.begun, p.due = now, now.Add(progressEvery)
	}
	p.done = done
	if now.Before(p.due) {
		return
	}
	p.due = now.Add(progressEvery)
	rate := int64(float64(done) / now.Sub(p.begun).Seconds())
	line := fmt.Sprintf("%s: %s, %s a second", p.name, amount(done), amount(rate))
	if p.total >= done && done > 0 { // a total that was estimated may be too small
		line = fmt.Sprintf("%s: %s of %s (%d %%), %s a second", p.name, amount(done), amount(p.total), done*100/p.total, amount(rate))
		if left := p.total - done; left > 0 && rate > 0 {
			line += ", " + duration(left/rate) + " left"
		}
	}
	width := utf8.RuneCountInString(line)
	// A terminal that cannot be written to cannot be told so.
	fmt.Fprint(p.w, "\r", line, strings.Repeat(" ", max(0, p.width-width)))
	p.width = width
}

// duration is a number of seconds for people.
func duration(seconds int64) string {
	return (time.Duration(seconds) * time.Second).String()
}

// Clear takes the line away, for something else to be printed.
func (p *Progress) Clear() {
	if p == nil || p.width == 0 {
		return
	}
	fmt.Fprint(p.w, "\r", strings.Repeat(" ", p.width), "\r")
	p.width = 0
}

// Rows is an amount of rows.
func Rows(n int64) string {
	if n == 1 {
		return "1 row"
	}
	return fmt.Sprintf("%d rows", n)
}

func Bytes(n int64) string { return Size(int(n)) }

// Reader counts the bytes that are read from r.
func (p *Progress) Reader(r io.Reader) io.Reader {
	if p == nil {
		return r
	}
	return &counting{p: p, Reader: r}
}

// Writer counts the bytes that are written to w.
func (p *Progress) Writer(w io.Writer) io.Writer {
	if p == nil {
		return w
	}
	return &counting{p: p, Writer: w}
}

type counting struct {
	p *Progress
	n int64
	io.Reader
	io.Writer
}

func (c *counting) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.n += int64(n)
	c.p.To(c.n, Bytes)
	return n, err
}

func (c *counting) Write(b []byte) (int, error) {
	n, err := c.Writer.Write(b)
	c.n += int64(n)
	c.p.To(c.n, Bytes)
	return n, err
}

// Size is a number of bytes for people.
func Size(n int) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	f, i := float64(n), 0
	for f >= 1024 && i < len(units)-1 {
		f, i = f/1024, i+1
	}
	if i == 0 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", f, units[i])
}
