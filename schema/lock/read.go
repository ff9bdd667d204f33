package lock

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/naming"
	"github.com/storegen/storegen/schema/rules"
)

// Parse reads the text of a lock; file is the name that messages show. The error is
// [diag.Diagnostics].
func Parse(file string, data []byte) (*Lock, error) {
	r := diag.NewReporter()
	l := Read(r, file, data)
	if ds := r.Result(); ds != nil {
		return nil, ds
	}
	return l, nil
}

// A Reader reads the lines of a lock.
type Reader struct {
	*diag.Reporter
	valid map[[2]string]bool // by kind and text: whether the text after a number is valid
}

func NewReader(r *diag.Reporter) *Reader {
	return &Reader{Reporter: r, valid: map[[2]string]bool{}}
}

// Read is Parse for those who collect mistakes of several kinds.
func Read(r *diag.Reporter, file string, data []byte) *Lock {
	lr := NewReader(r)
	src := diag.NewText(file, file, data)
	r.AddText(src)
	l := New()
	l.File, l.Version = src, 1
	l.Entries, l.byName = make([]*Entry, 0, len(src.Lines)), make(map[ID]*Entry, len(src.Lines))
	byNumber := make(map[NumberKey]*Entry, len(src.Lines))
	conflict := false
	for i, line := range src.Lines {
		pos := src.WholeLine(i + 1)
		text := strings.TrimSpace(line)
		switch {
		case text == "" || strings.HasPrefix(text, "#"):
			continue
		case strings.HasPrefix(text, "version "):
			lr.version(l, pos, text)
			continue
		case strings.HasPrefix(line, "<<<<<<<"), strings.HasPrefix(line, "|||||||"), strings.HasPrefix(line, "======="), strings.HasPrefix(line, ">>>>>>>"):
			if !conflict {
				r.Report(rules.LockConflict, pos, "the lock has an unresolved merge conflict").
					Help("run %s lock resolve", diag.Command)
			}
			conflict = true
			continue
		}
		e, ok := lr.Line(pos, text)
		if !ok || conflict {
			continue // the two sides of a conflict have the same names
		}
		if first := l.byName[e.ID]; first != nil {
			r.Report(rules.LockDuplicate, pos, "%s %s is here twice", e.Kind, e.ID).
				Help("delete the line that the released schema does not have").Related(first.Pos, "first here")
			continue
		}
		n := NumberKey{e.Kind, e.Owner, e.Number}
		if first := byNumber[n]; first != nil {
			r.Report(rules.LockDuplicate, pos, "%s %s has the number %d of %s", e.Kind, e.ID, e.Number, first.ID).
				Help("delete the line of the one that is not released, and generate again: it gets a new number").Related(first.Pos, "%s is here", first.ID)
			continue
		}
		byNumber[n] = e
		l.Add(e)
	}
	return l
}

// version reads the line with the version of the text.
func (r *Reader) version(l *Lock, pos diag.Pos, text string) {
	n, err := strconv.Atoi(strings.TrimPrefix(text, "version "))
	if err != nil || n < 1 || n > version {
		r.Report(rules.LockSyntax, pos, "this storegen reads locks of version 1 to %d, and this one says %q", version, text).
			Help("use the storegen that wrote it, or a newer one")
		return
	}
	l.Version = n
}

// formerNames matches a line that ends in was(old_name, older_name).
var formerNames = regexp.MustCompile(`^(.*?)\s*\bwas\(([a-z0-9_.]+(?:, [a-z0-9_.]+)*)\)$`)

// Line reads a line: "kind name number", then "retired" or what the thing is, and
// former names.
func (r *Reader) Line(pos diag.Pos, text string) (*Entry, bool) {
	words := strings.Fields(text)
	bad := func(word int, rule, format string, args ...any) *diag.Report {
		at := pos
		from := 0
		for i := 0; i <= word && i < len(words); i++ {
			from += strings.Index(text[from:], words[i])
			if i == word {
				at.Col = pos.Col + utf8.RuneCountInString(text[:from])
				at.EndCol = at.Col + utf8.RuneCountInString(words[i])
			}
			from += len(words[i])
		}
		return r.Report(rule, at, format, args...)
	}
	const help = "the line was changed by hand or by a merge: take it from the last commit, or delete it if the thing is new"
	kinds := []string{string(Enum), string(Field), string(Index), string(Table)}
	switch {
	case !slices.Contains(kinds, words[0]):
		bad(0, rules.LockSyntax, "unknown kind %q in the lock", words[0]).Suggest(words[0], kinds)
		return nil, false
	case len(words) < 3:
		bad(len(words), rules.LockSyntax, "a line of the lock is: kind name number, and what it is, or retired").Help(help)
		return nil, false
	}
	rest := text
	for _, word := range words[:3] {
		rest = rest[strings.Index(rest, word)+len(word):]
	}
	rest = strings.TrimSpace(rest)
	var was []string
	if strings.HasSuffix(rest, ")") {
		if m := formerNames.FindStringSubmatch(rest); m != nil {
			rest, was = m[1], strings.Split(m[2], ", ")
		}
	}
	e := &Entry{ID: ID{Kind: Kind(words[0]), Name: words[1]}, Retired: rest == "retired", Was: was, Pos: pos}
	parts := strings.Split(words[1], ".")
	ok := true
	last := len(parts) - 1
	for i, part := range parts {
		ok = ok && len(part) <= naming.MaxLen && (naming.IsLower(part) || i == 0 && len(parts) == 2 && naming.Upper.MatchString(part) && (e.Kind == Enum || e.Kind == Field))
	}
	if e.Kind == Table {
		ok = ok && len(parts) <= 2
	} else {
		ok = ok && len(parts) >= 2 && len(parts) <= 3 && (e.Kind != Enum || len(parts) == 2 && naming.Upper.MatchString(parts[0]))
		e.Owner, e.Name = strings.Join(parts[:last], "."), parts[last]
	}
	if !ok {
		bad(1, rules.LockSyntax, "%q cannot be the name of %s in the lock", words[1], diag.Article(words[0])).Help(help)
		return nil, false
	}
	number, err := strconv.ParseInt(words[2], 10, 64)
	if err != nil || !e.Kind.Valid(number) || strconv.FormatInt(number, 10) != words[2] {
		bad(2, rules.LockNumber, "%q cannot be the number of %s", words[2], diag.Article(words[0])).Help(help)
		return nil, false
	}
	e.Number = number
	if !e.Retired && rest != "" {
		if !r.validShape(e.Kind, rest) {
			bad(3, rules.LockSyntax, "%q says nothing that %s can be", rest, diag.Article(words[0])).Help(help)
			return nil, false
		}
		e.Shape = rest
	}
	return e, true
}

// validShape is Kind.validShape with a memory: many lines have the same text.
func (r *Reader) validShape(kind Kind, text string) bool {
	key := [2]string{string(kind), text}
	ok, known := r.valid[key]
	if !known {
		ok = kind.validShape(text)
		r.valid[key] = ok
	}
	return ok
}

// validShape reports whether the text after a number can be read.
func (k Kind) validShape(text string) bool {
	ok := text == ""
	switch k {
	case Field:
		_, ok = ParseField(text)
	case Index:
		_, ok = ParseIndex(text)
	case Table:
		_, ok = ParseTable(text)
	}
	return ok
}
