package templates

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// commentWidth is how many columns a line of a comment takes at most, a tab four of them.
const commentWidth = 100

// wrapComments wraps the comments of Go source that stand on lines of their own. What a
// line has no room for goes to the beginning of the next one of the paragraph.
func wrapComments(src []byte) []byte {
	out := make([]byte, 0, len(src)+len(src)/16)
	over, indent := "", 0 // the words that the line above had no room for
	add := func(words string) { out = append(out, strings.Repeat("\t", indent)+docLine(words)+"\n"...) }
	for line := range bytes.Lines(src) {
		trimmed := bytes.TrimLeft(line, "\t")
		text, comment := bytes.CutPrefix(trimmed, []byte("// "))
		if !comment {
			if over != "" {
				add(over)
			}
			over, out = "", append(out, line...)
			continue
		}
		indent = len(line) - len(trimmed)
		words := strings.TrimSpace(over + " " + string(text))
		over = ""
		for width := commentWidth - 4*indent - len("// "); len(words) > width; {
			at := strings.LastIndexByte(words[:width+1], ' ')
			if at < 0 {
				at = strings.IndexByte(words, ' ')
			}
			if at < 0 {
				break
			}
			add(words[:at])
			words, over = words[at+1:], words[at+1:]
		}
		if over == "" {
			add(words)
		}
	}
	if over != "" {
		add(over)
	}
	return out
}

// doc is a doc comment: paragraphs as // lines, whatever the text holds. What is
// documented follows on the next line.
func doc(paragraphs ...string) string {
	var all []string
	for _, p := range paragraphs {
		if p = strings.TrimSpace(p); p == "" {
			continue
		}
		if len(all) > 0 {
			all = append(all, "//")
		}
		for line := range strings.SplitSeq(p, "\n") {
			all = append(all, docLine(line))
		}
	}
	return strings.Join(all, "\n")
}

// docLine is a line of a comment, whatever the text holds: no character that Go
// source cannot have, and nothing that tools take for an instruction.
func docLine(text string) string {
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\ufeff' || r == utf8.RuneError {
			return ' '
		}
		return r
	}, text))
	if strings.HasPrefix(text, "+build") {
		text = "+ build" + strings.TrimPrefix(text, "+build")
	}
	return strings.TrimRight("// "+text, " ")
}
