package format

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/storegen/storegen/schema/internal/syntax"
	"gopkg.in/yaml.v3"
)

// A place is where a text may stand in YAML, with % for the text. Which texts need no
// quotes depends on it.
type place string

const (
	blockKey   place = "%: x"
	blockValue place = "x: %"
	flowKey    place = "{%: x}"
	flowValue  place = "[%, {x: %, y: %}, %]"
)

// scalar returns a text on one line, with the quotes that it has.
func (p *formatter) scalar(n *yaml.Node, at place) string {
	text, ok := p.scalarText(n, at)
	p.lost = p.lost || !ok
	return text
}

// scalarText returns a text on one line, with the quotes that it has. It is not ok if
// the text would need quotes that it does not have. The library's encoder is no help: it
// writes for readers of older YAML and of ASCII too, and so puts 12:30 in quotes.
func (p *formatter) scalarText(n *yaml.Node, at place) (text string, ok bool) {
	switch {
	case n.Style&yaml.DoubleQuotedStyle != 0:
		if text := p.written(n); text != "" {
			return text, true
		}
		return `"` + escaper.Replace(n.Value) + `"`, true
	case strings.Contains(n.Value, "\n"):
		return "", false
	case n.Style&yaml.SingleQuotedStyle != 0:
		return "'" + strings.ReplaceAll(n.Value, "'", "''") + "'", true
	case n.Value == "":
		return "", true
	}
	return n.Value, plainWords.MatchString(n.Value) || readsPlain(n.Value, at)
}

// escaper escapes what a text in double quotes, on one line, has to escape.
var escaper = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// quotedText matches a text in double quotes, with its escapes.
var quotedText = regexp.MustCompile(`^"([^"\\]|\\.)*"`)

// written is a text in double quotes as it is in the file, since there are many ways to
// write a character; "" if it is on several lines.
func (p *formatter) written(n *yaml.Node) string {
	if n.Line < 1 || n.Line > len(p.lines) {
		return ""
	}
	line := []rune(p.lines[n.Line-1])
	if n.Column < 1 || n.Column > len(line) {
		return ""
	}
	return quotedText.FindString(string(line[n.Column-1:]))
}

// plainWords are texts that need no quotes anywhere, as most are.
var plainWords = regexp.MustCompile(`^\w+([ .]\w+)*$`)

// readsPlain reports whether a text without quotes is read as itself at a place.
func readsPlain(text string, at place) bool {
	want, _ := readAs(at, "w")
	got, ok := readAs(at, text)
	return ok && got == strings.ReplaceAll(want, strconv.Quote("w"), strconv.Quote(text))
}

// readAs is what is read where a text stands at a place.
func readAs(at place, text string) (string, bool) {
	document, err := syntax.DecodeYAML(yaml.NewDecoder(strings.NewReader(strings.ReplaceAll(string(at), "%", text))))
	var b strings.Builder
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		fmt.Fprintf(&b, "%d %q %q %q%q%q(", n.Kind, n.Value, n.Anchor, n.HeadComment, n.LineComment, n.FootComment)
		for _, c := range n.Content {
			walk(c)
		}
		b.WriteByte(')')
	}
	walk(document)
	return b.String(), err == nil
}
