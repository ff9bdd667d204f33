package sqlstore

import (
	"errors"
	"fmt"

	"github.com/ncruces/go-sqlite3"
)

// SQLite has 256 MB in a connection, for what it sorts and groups, beside what it puts into
// temporary files. Its driver panics where that is not enough. A query of a user's is no
// reason for the program to end.

// outOfMemory is what the driver panics with.
const outOfMemory = "sqlite3: out of memory"

// errMemory is the error of a statement in its place.
var errMemory = errors.New("SQLite is out of memory: the statement needs more than a connection has; ask for fewer or smaller rows")

// guard makes an error of that panic, and the connection one that is not used again. It is
// deferred by all calls of the driver.
func (s *session) guard(err *error) {
	switch p := recover(); {
	case p == nil:
	case fmt.Sprint(p) != outOfMemory:
		panic(p)
	default:
		s.broken = true
		*err = &Error{SQLite: sqlite3.NOMEM, Store: errMemory}
	}
}
