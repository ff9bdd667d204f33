//go:build tools

// The tools that the checks run, imported so that go.mod pins their versions.
package storegen

import (
	_ "golang.org/x/perf/cmd/benchstat"
	_ "honnef.co/go/tools/cmd/staticcheck"
)
