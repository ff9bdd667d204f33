#!/bin/sh
# Runs every fuzz target of all modules, one after the other: by coverage for
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
for file in $(git ls-files -co --exclude-standard '*_test.go' | xargs grep -l '^func Fuzz'); do
	dir=$(dirname "$file")
	module=$dir # the folder of its go.mod
	while [ ! -f "$module/go.mod" ]; do module=$(dirname "$module"); done
	package=.
	[ "$module" = . ] && package=./$dir
	[ "$module" = . ] || [ "$module" = "$dir" ] || package=./${dir#"$module"/}
	cache=$(cd "$module" && "$GO" env GOCACHE)/fuzz/$(cd "$module" && "$GO" list -m)
	for target in $(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$file"); do
		echo "fuzz ./$dir $target"
		if [ "$INPUTS" = 0 ]; then
			(cd "$module" && "$GO" test -run '^$' -fuzz "^$target\$" -fuzztime "$FUZZTIME" -fuzzminimizetime 10x "$package")
		elif sed -n "/^func $target(/,/^}/p" "$file" | grep -q 'inputs\.New'; then
			(cd "$module" && "$GO" test -run "^$target\$" -v -timeout 0 "$package" -inputs "$INPUTS" -inputs.seed "$SEED" -inputs.corpus "$cache/${package#./}") | grep -v '^=== RUN\|^    --- PASS'
		fi
	done
done
