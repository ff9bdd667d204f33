package sqlshell

import (
	"slices"
	"strings"
)

// keywords are those that people type.
var keywords = strings.Fields(`
	SELECT FROM WHERE ORDER BY GROUP HAVING LIMIT OFFSET JOIN LEFT INNER CROSS ON USING AS DISTINCT ALL
	AND OR NOT IN IS NULL BETWEEN LIKE GLOB ESCAPE EXISTS CASE WHEN THEN ELSE END ASC DESC UNION EXCEPT
	INTERSECT WITH RECURSIVE VALUES INSERT INTO REPLACE UPDATE SET DELETE RETURNING BEGIN COMMIT ROLLBACK
	SAVEPOINT RELEASE EXPLAIN QUERY PLAN COUNT SUM MIN MAX AVG CAST COALESCE OVER PARTITION`)

// reserved are the words that name a column only in double quotes.
var reserved = strings.Fields(`
	ADD ALL ALTER AND AS AUTOINCREMENT BETWEEN CASE CHECK COLLATE COMMIT CONSTRAINT CREATE DEFAULT DEFERRABLE
	DELETE DISTINCT DROP ELSE ESCAPE EXISTS FOREIGN FROM GROUP HAVING IN INDEX INSERT INTO IS ISNULL JOIN
	LIMIT NOT NOTHING NOTNULL NULL ON OR ORDER PRIMARY REFERENCES RETURNING SELECT SET TABLE THEN TO
	TRANSACTION UNION UNIQUE UPDATE USING VALUES WHEN WHERE EXCEPT INTERSECT CAST RAISE INDEXED
	CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP`)

// written is the name of a column as a statement writes it.
func written(name string) string {
	if slices.Contains(reserved, strings.ToUpper(name)) {
		return `"` + name + `"`
	}
	return name
}

// Complete is what the last word of a line may become, given the lines of the statement before
// it: the line before the word, and the words.
func (s *Shell) Complete(before, line string) (head string, words []string) {
	at := strings.LastIndexFunc(line, func(r rune) bool { return !isWord(r) && r != '.' }) + 1
	head, word := line[:at], line[at:]
	if before == "" && strings.HasPrefix(line, ".") {
		return head, s.completeDot(strings.Fields(head), word)
	}
	if strings.HasPrefix(strings.TrimLeft(line, " "), "'") {
		return head, nil
	}
	// A name may have its first quote already, and then gets both.
	quoted := strings.HasSuffix(head, `"`) && strings.Count(before+head, `"`)%2 == 1
	if quoted {
		head = strings.TrimSuffix(head, `"`)
	}
	add := func(names ...string) {
		for _, name := range names {
			bare := strings.Trim(name, `"`)
			if len(bare) < len(word) || !strings.EqualFold(bare[:len(word)], word) {
				continue
			}
			if quoted {
				name = `"` + bare + `"`
			}
			if !slices.Contains(words, name) {
				words = append(words, name)
			}
		}
	}
	columns := func(t *Table) {
		for _, c := range t.Columns {
			add(written(c))
		}
	}
	// Columns of the tables that the statement names come first.
	said := strings.ToLower(before + " " + line)
	any := false
	for _, t := range s.Tables {
		if strings.Contains(said, strings.ToLower(t.Name)) {
			any = true
			columns(&t)
			if prefix, column, ok := cutLast(word, "."); ok && strings.EqualFold(prefix, t.Name) {
				for _, c := range t.Columns {
					if strings.HasPrefix(c, column) {
						words = append(words, prefix+"."+written(c))
					}
				}
			}
		}
	}
	for _, t := range s.Tables {
		add(t.Name)
	}
	if quoted && len(words) == 0 {
		for _, t := range s.Tables {
			columns(&t)
		}
	}
	if word == "" || quoted {
		return head, words
	}
	for _, k := range keywords {
		if strings.ToLower(word) == word {
			k = strings.ToLower(k)
		}
		add(k)
	}
	if !any {
		for _, t := range s.Tables {
			columns(&t)
		}
	}
	return head, words
}

func (s *Shell) completeDot(before []string, word string) (words []string) {
	from := []string{}
	switch {
	case len(before) == 0:
		for _, d := range dots {
			from = append(from, d.name)
		}
	case before[0] == ".schema":
		for _, t := range s.Tables {
			from = append(from, t.Name)
		}
	default:
		for _, d := range dots {
			if d.name == before[0] {
				from = d.words
			}
		}
	}
	for _, w := range from {
		if strings.HasPrefix(w, word) {
			words = append(words, w)
		}
	}
	return words
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
