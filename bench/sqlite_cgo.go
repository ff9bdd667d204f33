//go:build cgo

package bench

import _ "github.com/mattn/go-sqlite3"

// cgoEntries are the contestants that need a C compiler.
var cgoEntries = []Entry{{Name: "SQLite (mattn)", Open: openMattn}}

// LeftOut says which contestants are missing from this build, and why.
var LeftOut []string

// openMattn is SQLite as its authors compile it.
func openMattn(o Options) (Contestant, error) {
	return openSQLite("sqlite3", o, "_journal_mode=WAL&_synchronous=%s&_cache_size=-131072&_busy_timeout=10000&_txlock=immediate")
}
