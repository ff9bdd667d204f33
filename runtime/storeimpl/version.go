package storeimpl

// Generated code says its version to these when it is compiled, so that code and
// runtime which do not fit do not build. The compiler then names one of the types
// below, as in "constant -1 overflows storeimpl.CodeTooOldRunGoGenerate".
const (
	// OldestGenerated is the oldest version of generated code that this package serves.
	OldestGenerated = 4
	// NewestGenerated is the newest.
	NewestGenerated = 5
)

// CodeTooOldRunGoGenerate is the type that the compiler names if generated code is older
// than what this package serves. To fix it, run go generate.
type CodeTooOldRunGoGenerate uint

// RuntimeTooOldUpdateStoregen is the type that the compiler names if generated code is
// newer than this package. To fix it, run go get github.com/storegen/storegen@latest.
type RuntimeTooOldUpdateStoregen uint
