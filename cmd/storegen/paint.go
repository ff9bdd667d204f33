package main

import (
	"io"
	"os"
	"strings"
)

// A painter colours text for a terminal, or leaves it as it is.
type painter bool

// newPainter paints where w is a terminal that takes colours and the user has
// not set NO_COLOR.
func newPainter(w io.Writer) painter {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

const (
	bold  = "\x1b[1m"
	red   = "\x1b[31m"
	green = "\x1b[32m"
	cyan  = "\x1b[36m"
	reset = "\x1b[0m"
)

// lines paints each line in the colour that pick gives for it; "" is none.
func (p painter) lines(text string, pick func(i int, line string) string) string {
	if !p {
		return text
	}
	all := strings.Split(text, "\n")
	for i, line := range all {
		if colour := pick(i, line); colour != "" {
			all[i] = colour + line + reset
		}
	}
	return strings.Join(all, "\n")
}

// finding paints a message: its first line bold, marks red, what to do green.
func (p painter) finding(text string) string {
	return p.lines(text, func(i int, line string) string {
		switch {
		case i == 0:
			return bold
		case strings.HasPrefix(line, "  note: "):
			return cyan
		case strings.HasPrefix(line, "  help: "):
			return green
		case strings.HasPrefix(line, "    ") && strings.Trim(strings.TrimLeft(line, " |\t"), "^") == "":
			return red
		}
		return ""
	})
}

// diff paints a unified diff.
func (p painter) diff(text string) string {
	return p.lines(text, func(_ int, line string) string {
		switch {
		case strings.HasPrefix(line, "+++ "), strings.HasPrefix(line, "--- "), strings.HasPrefix(line, "diff "):
			return bold
		case strings.HasPrefix(line, "+"):
			return green
		case strings.HasPrefix(line, "-"):
			return red
		case strings.HasPrefix(line, "@@"):
			return cyan
		}
		return ""
	})
}
