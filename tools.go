//go:build tools

// Package storegen pins the versions of the tools that the checks run, so that every machine runs the same ones.
package storegen

import (
	_ "golang.org/x/perf/cmd/benchstat"
	_ "honnef.co/go/tools/cmd/staticcheck"
)
