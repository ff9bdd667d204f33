#!/bin/sh
# Runs every fuzz target of the module for FUZZTIME each, one after the other.
set -eu
GO=${GO:-go}
FUZZTIME=${FUZZTIME:-20s}
for file in $(git ls-files -co --exclude-standard '*_test.go' | xargs grep -l '^func Fuzz'); do
	dir=$(dirname "$file")
	for target in $(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$file"); do
		echo "fuzz ./$dir $target"
		"$GO" test -run '^$' -fuzz "^$target\$" -fuzztime "$FUZZTIME" -fuzzminimizetime 10x "./$dir"
	done
done
