package schema

import (
	"fmt"
	"strings"
)

func parseText(text, lock string) (*Set, error) {
	var files []Source
	for i, part := range strings.Split(text, "---\n") {
		files = append(files, Source{Name: fmt.Sprintf("f%d.yaml", i), Data: []byte(part)})
	}
	var l *Source
	if lock != "" {
		l = &Source{Name: "storegen.lock", Data: []byte(lock)}
	}
	return Parse(files, l)
}

// lockLines is a lock's text without its head.
func lockLines(l *Lock) string {
	_, rest, _ := strings.Cut(string(l.Format()), "\nversion 2\n")
	return rest
}
