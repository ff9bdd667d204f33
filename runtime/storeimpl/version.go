package storeimpl

// Generated code holds its version against these when it is compiled.
const (
	// OldestGenerated is the oldest version of generated code that this package serves.
	OldestGenerated = 1
	// NewestGenerated is the newest.
	NewestGenerated = 1
)

// RunGoGenerate cannot be made of a number below zero: where the compiler says so, the
// generated code is older than what this package serves. Run go generate.
type RunGoGenerate uint

// UpdateStoregen cannot be made of a number below zero: where the compiler says so, the
// generated code is newer than this package. Run go get github.com/storegen/storegen@latest.
type UpdateStoregen uint
