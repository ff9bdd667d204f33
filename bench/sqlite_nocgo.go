//go:build !cgo

package bench

// cgoEntries are the contestants that need a C compiler.
var cgoEntries []Entry

// LeftOut says which contestants are missing from this build, and why.
var LeftOut = []string{"SQLite (mattn) is left out: it needs cgo, so a C compiler and CGO_ENABLED=1"}
