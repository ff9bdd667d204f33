package schematest

import (
	"fmt"
	"strings"

	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/load"
	"github.com/storegen/storegen/schema/lock"
)

// ParseText loads schema files, which lines --- divide, with the text of a lock; "" is
// none.
func ParseText(text, lock string) (*schema.Set, error) {
	var files []schema.Source
	for i, part := range strings.Split(text, "---\n") {
		files = append(files, schema.Source{Name: fmt.Sprintf("f%d.yaml", i), Data: []byte(part)})
	}
	var l *schema.Source
	if lock != "" {
		l = &schema.Source{Name: "storegen.lock", Data: []byte(lock)}
	}
	return load.Parse(files, l)
}

// LockLines returns the text of a lock without its head.
func LockLines(l *lock.Lock) string {
	_, rest, _ := strings.Cut(string(l.Format()), "\nversion 2\n")
	return rest
}
