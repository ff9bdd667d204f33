package schema

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ParseLock reads the text of a lock; file is the name that messages show. The
// error is Diagnostics.
func ParseLock(file string, data []byte) (*Lock, error) {
	r := newReporter()
	l := readLock(r, file, data)
	if ds := r.result(); ds != nil {
		return nil, ds
	}
	return l, nil
}

// A lockReader reads the lines of a lock.
type lockReader struct {
	*reporter
	valid map[[2]string]bool // what is known of texts after the number, by kind
}

func newLockReader(r *reporter) *lockReader {
	return &lockReader{reporter: r, valid: map[[2]string]bool{}}
}

// readLock is ParseLock with a reporter of the caller's.
func readLock(r *reporter, file string, data []byte) *Lock {
	lr := newLockReader(r)
	src := newSource(file, file, data)
	r.source(src)
	l := newLock()
	l.src, l.version = src, 1
	l.entries, l.byName = make([]*lockEntry, 0, len(src.lines)), make(map[lockName]*lockEntry, len(src.lines))
	byNumber := make(map[lockNumber]*lockEntry, len(src.lines))
	conflict := false
	for i, line := range src.lines {
		pos := src.wholeLine(i + 1)
		text := strings.TrimSpace(line)
		switch {
		case text == "" || strings.HasPrefix(text, "#"):
			continue
		case strings.HasPrefix(text, "version "):
			lr.version(l, pos, text)
			continue
		case strings.HasPrefix(line, "<<<<<<<"), strings.HasPrefix(line, "|||||||"), strings.HasPrefix(line, "======="), strings.HasPrefix(line, ">>>>>>>"):
			if !conflict {
				r.report(ruleLockConflict, pos, "a merge left a conflict in the lock").
					mend("run storegen lock resolve")
			}
			conflict = true
			continue
		}
		e, ok := lr.line(pos, text)
		if !ok || conflict {
			continue // both sides of a conflict repeat each other
		}
		if first := l.byName[e.lockName]; first != nil {
			r.report(ruleLockDuplicate, pos, "%s %s is here twice", e.kind, e.lockName).
				mend("delete the line that the released schema does not have").related(first.pos, "first here")
			continue
		}
		n := lockNumber{e.kind, e.owner, e.number}
		if first := byNumber[n]; first != nil {
			r.report(ruleLockDuplicate, pos, "%s %s has the number %d of %s", e.kind, e.lockName, e.number, first.lockName).
				mend("delete the line of the one that is not released, and generate again: it gets a new number").related(first.pos, "%s is here", first.lockName)
			continue
		}
		byNumber[n] = e
		l.add(e)
	}
	return l
}

// version reads the line that says how the text is to be read.
func (r *lockReader) version(l *Lock, pos Pos, text string) {
	n, err := strconv.Atoi(strings.TrimPrefix(text, "version "))
	if err != nil || n < 1 || n > lockVersion {
		r.report(ruleLockSyntax, pos, "this storegen reads locks of version 1 to %d, and this one says %q", lockVersion, text).
			mend("use the storegen that wrote it, or a newer one")
		return
	}
	l.version = n
}

// formerNames is the end of a line: was(old_name, older_name).
var formerNames = regexp.MustCompile(`^(.*?)\s*\bwas\(([a-z0-9_.]+(?:, [a-z0-9_.]+)*)\)$`)

// line reads "kind name number", retired or a shape, and former names.
func (r *lockReader) line(pos Pos, text string) (*lockEntry, bool) {
	words := strings.Fields(text)
	bad := func(word int, rule, format string, args ...any) *report {
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
		return r.report(rule, at, format, args...)
	}
	const mend = "the line was changed by hand or by a merge: take it from the last commit, or delete it if its thing is new"
	kinds := []string{string(lockEnum), string(lockField), string(lockIndex), string(lockTable)}
	switch {
	case !slices.Contains(kinds, words[0]):
		bad(0, ruleLockSyntax, "unknown kind %q in the lock", words[0]).meant(words[0], kinds)
		return nil, false
	case len(words) < 3:
		bad(len(words), ruleLockSyntax, "a line of the lock is: kind name number, and what it is, or retired").mend(mend)
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
	e := &lockEntry{lockName: lockName{kind: lockKind(words[0]), name: words[1]}, retired: rest == "retired", was: was, pos: pos}
	parts := strings.Split(words[1], ".")
	ok := true
	last := len(parts) - 1
	for i, part := range parts {
		ok = ok && len(part) <= maxName && (isLowerName(part) || i == 0 && len(parts) == 2 && upperName.MatchString(part) && (e.kind == lockEnum || e.kind == lockField))
	}
	if e.kind == lockTable {
		ok = ok && len(parts) <= 2
	} else {
		ok = ok && len(parts) >= 2 && len(parts) <= 3 && (e.kind != lockEnum || len(parts) == 2 && upperName.MatchString(parts[0]))
		e.owner, e.name = strings.Join(parts[:last], "."), parts[last]
	}
	if !ok {
		bad(1, ruleLockSyntax, "%q cannot be the name of %s in the lock", words[1], article(words[0])).mend(mend)
		return nil, false
	}
	number, err := strconv.ParseInt(words[2], 10, 64)
	if err != nil || !e.kind.valid(number) || strconv.FormatInt(number, 10) != words[2] {
		bad(2, ruleLockNumber, "%q cannot be the number of %s", words[2], article(words[0])).mend(mend)
		return nil, false
	}
	e.number = number
	if !e.retired && rest != "" {
		if !r.validShape(e.kind, rest) {
			bad(3, ruleLockSyntax, "%q says nothing that %s can be", rest, article(words[0])).mend(mend)
			return nil, false
		}
		e.shape = rest
	}
	return e, true
}

// validShape is kind.validShape, which looks at each text once: most lines say
// what others do.
func (r *lockReader) validShape(kind lockKind, text string) bool {
	key := [2]string{string(kind), text}
	ok, known := r.valid[key]
	if !known {
		ok = kind.validShape(text)
		r.valid[key] = ok
	}
	return ok
}

// validShape reports whether the rest of a line can be read.
func (k lockKind) validShape(text string) bool {
	ok := text == ""
	switch k {
	case lockField:
		_, ok = parseFieldLine(text)
	case lockIndex:
		_, ok = parseIndexLine(text)
	case lockTable:
		_, ok = parseTableLine(text)
	}
	return ok
}
