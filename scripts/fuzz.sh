#!/bin/sh
# Runs every fuzz target of the module, one after the other: by coverage for
# FUZZTIME inputs each or, where INPUTS is set, on that many inputs each in one process,
# which follow from the seeds, what fuzzing by coverage has kept, and SEED.
#
# FUZZTIME may be a time too, as go test takes it, but up to Go 1.26 a run that is
# ended by the clock now and then fails with nothing but "context deadline
# exceeded" (go.dev/issue/75804): a number of inputs ends none so.
set -eu
GO=${GO:-go}
FUZZTIME=${FUZZTIME:-100000x}
INPUTS=${INPUTS:-0}
SEED=${SEED:-1}
cache=$("$GO" env GOCACHE)/fuzz/$("$GO" list -m)
for file in $(git ls-files -co --exclude-standard '*_test.go' | xargs grep -l '^func Fuzz'); do
	dir=$(dirname "$file")
	for target in $(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$file"); do
		echo "fuzz ./$dir $target"
		if [ "$INPUTS" = 0 ]; then
			"$GO" test -run '^$' -fuzz "^$target\$" -fuzztime "$FUZZTIME" -fuzzminimizetime 10x "./$dir"
		elif sed -n "/^func $target(/,/^}/p" "$file" | grep -q 'inputs\.New'; then
			"$GO" test -run "^$target\$" -v -timeout 0 "./$dir" -inputs "$INPUTS" -inputs.seed "$SEED" -inputs.corpus "$cache/$dir" | grep -v '^=== RUN\|^    --- PASS'
		fi
	done
done
