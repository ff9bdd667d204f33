package sqlshell

import "strings"

// A token is a part of a statement: a word, or a sign.
type token struct {
	text string
	end  int // in the text, behind it
}

// scanner takes a text apart as SQLite does, as far as it takes to tell where statements end.
type scanner struct {
	text string
	at   int
	open bool // a quote or a comment is not closed
}

// next is the next token; ok is false at the end. Quoted texts and names are "'".
func (s *scanner) next() (token, bool) {
	for s.at < len(s.text) {
		rest := s.text[s.at:]
		switch c := rest[0]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f':
			s.at++
		case strings.HasPrefix(rest, "--"):
			s.behind(rest, "\n", 2)
			s.open = false // the end of the text ends it too
		case strings.HasPrefix(rest, "/*"):
			s.behind(rest, "*/", 2)
		case c == '\'' || c == '"' || c == '`':
			s.behind(rest, string(c), 1) // a doubled quote is another quoted text right behind
			return token{"'", s.at}, true
		case c == '[':
			s.behind(rest, "]", 1)
			return token{"'", s.at}, true
		case isWord(rune(c)):
			n := strings.IndexFunc(rest, func(r rune) bool { return !isWord(r) })
			if n < 0 {
				n = len(rest)
			}
			s.at += n
			return token{strings.ToLower(rest[:n]), s.at}, true
		default:
			s.at++
			return token{rest[:1], s.at}, true
		}
	}
	return token{}, false
}

// behind goes behind what closes a quote or a comment, whose opening has so many bytes.
func (s *scanner) behind(rest, closing string, opening int) {
	i := strings.Index(rest[opening:], closing)
	if i < 0 {
		s.at, s.open = len(s.text), true
		return
	}
	s.at += opening + i + len(closing)
}

func isWord(r rune) bool {
	return r == '_' || r == '$' || r >= 0x80 || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// Split is the first statement of a text, with the semicolon that ends it, and what is behind
// it. ok is false where none has its end yet.
func Split(text string) (statement, rest string, ok bool) {
	s := scanner{text: text}
	var words []string
	last := ""
	for {
		t, more := s.next()
		if !more {
			return "", text, false
		}
		// A trigger has statements within, and ends with "end;".
		if t.text == ";" && (!trigger(words) || last == "end") {
			return strings.TrimSpace(text[:t.end]), text[t.end:], true
		}
		last = t.text
		if len(words) < 4 {
			words = append(words, t.text)
		}
	}
}

// trigger reports whether a statement that begins with some words makes a trigger.
func trigger(words []string) bool {
	for i, w := range words {
		switch {
		case i == 0 && w == "create", i > 0 && (w == "temp" || w == "temporary"):
		default:
			return i > 0 && w == "trigger"
		}
	}
	return false
}

// blank reports whether a text has nothing but comments and semicolons.
func blank(text string) bool {
	s := scanner{text: text}
	for {
		t, more := s.next()
		if !more {
			return !s.open
		}
		if t.text != ";" {
			return false
		}
	}
}

// changes reports whether a statement writes rows and returns none.
func changes(statement string) bool {
	s := scanner{text: statement}
	writes := false
	for first := true; ; first = false {
		t, more := s.next()
		if !more {
			return writes
		}
		switch t.text {
		case "insert", "update", "delete", "replace":
			writes = writes || first
		case "returning":
			return false
		}
		if first && t.text == "with" { // what it is about comes later
			return false
		}
	}
}
