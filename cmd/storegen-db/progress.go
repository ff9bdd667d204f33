package main

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// progress shows how far long work has come, in one line of the terminal that is written over.
// A nil one shows nothing: standard error is no terminal then.
type progress struct {
	w    io.Writer
	name string // of the command
	now  func() time.Time

	total      int64 // in the end, or 0 where that is not known
	done       int64
	begun, due time.Time
	width      int // of the line that is shown
}

// progressEvery is the time between two lines, and before the first.
const progressEvery = 500 * time.Millisecond

// of says how much there will be.
func (p *progress) of(total int64) {
	if p != nil {
		p.total = total
	}
}

// to says how much is done; amount is how that is written.
func (p *progress) to(done int64, amount func(int64) string) {
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
	if p.total > 0 {
		line = fmt.Sprintf("%s: %s of %s (%d %%), %s a second", p.name, amount(done), amount(p.total), done*100/p.total, amount(rate))
	}
	width := utf8.RuneCountInString(line)
	// A terminal that cannot be written to cannot be told so.
	fmt.Fprint(p.w, "\r", line, strings.Repeat(" ", max(0, p.width-width)))
	p.width = width
}

// clear takes the line away, for something else to be printed.
func (p *progress) clear() {
	if p == nil || p.width == 0 {
		return
	}
	fmt.Fprint(p.w, "\r", strings.Repeat(" ", p.width), "\r")
	p.width = 0
}

// rowsText is an amount of rows.
func rowsText(n int64) string {
	if n == 1 {
		return "1 row"
	}
	return fmt.Sprintf("%d rows", n)
}

func bytesText(n int64) string { return size(int(n)) }

// reader counts the bytes that are read from r.
func (p *progress) reader(r io.Reader) io.Reader {
	if p == nil {
		return r
	}
	return &counting{p: p, Reader: r}
}

// writer counts the bytes that are written to w.
func (p *progress) writer(w io.Writer) io.Writer {
	if p == nil {
		return w
	}
	return &counting{p: p, Writer: w}
}

type counting struct {
	p *progress
	n int64
	io.Reader
	io.Writer
}

func (c *counting) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.n += int64(n)
	c.p.to(c.n, bytesText)
	return n, err
}

func (c *counting) Write(b []byte) (int, error) {
	n, err := c.Writer.Write(b)
	c.n += int64(n)
	c.p.to(c.n, bytesText)
	return n, err
}
