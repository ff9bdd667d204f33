# Everything here needs Go and nothing else. `make help` lists the targets.

GO ?= go
FUZZTIME ?= 100000x
INPUTS ?= 10000000
SQLQUERIES ?= 100000
SQLPROGRAMS ?= 3000
SQLSEED ?= 1
# The configurations whose generated code is committed and has to be current.
CONFIGS = storegen.yaml templates/internal/kitchen/storegen.yaml templates/internal/owned/storegen.yaml templates/internal/messages/storegen.yaml bench/storegen.yaml bench/patterns/storegen.yaml internal/golden/storegen.yaml
# The modules that staticcheck looks at.
MODULES = . rowcache engines/pebble cmd/storegen-db arrowstore parquetstore sqlstore bench bench/gen
MADE ?= 30
ROUNDS ?= 5

.PHONY: help demo generate test random-schemas check fmt vet staticcheck generated race fuzz fuzz-long queries torture mutants mutants-once verify-million bench bench-gen bench-gen-once bench-test rowcache-test pebble-test pebble-test-long db-test arrow-test sql-test sql-long sql-bench completion-test jsonschema-test test-long vet-ports emulated-test bench-go bench-once lines

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

demo: generate ## generate the reference packages and run the quickstart on them
	$(GO) run ./examples/quickstart

generate: ## generate the reference packages from schema/tables, and those that tests use
	$(GO) generate ./...

test: ## all tests; make check has vet, which go test leaves out here
	GOGC=400 $(GO) test -vet=off ./...

test-long: ## the tests that count cases, on more of them, and scripts that have the go command compile and run what they generate: a few minutes
	$(GO) test ./cmd/storegen -vet=off -timeout 30m -run 'Scripts|Cache|Plan' -go -rapid.checks 100
	$(GO) test ./internal/torture -vet=off -timeout 30m -kills 20 -faults 500 -histories 5 -programs 3 -steps 400 -evolutions 3000
	$(MAKE) random-schemas MADE=20 ROUNDS=1
	$(GO) test ./runtime/engine/leveldb -vet=off -timeout 30m -everybyte -flips 500 -rapid.checks 100
	$(GO) test ./runtime/store -vet=off -timeout 30m -run Flips -bitstep 1
	$(GO) test ./templates -vet=off -run RandomSchemas -schemas 40
	$(GO) test ./templates/internal/kitchen -vet=off -run 'Indexes|Values' -walks 5 -values 1000
	$(GO) test ./examples/migrate/move -vet=off -run Stops -stops 1
	$(GO) test ./internal/kinds -vet=off -every
	$(GO) test ./docs/guide -vet=off -tags web
	$(GO) test ./internal/mutants -vet=off -builds
	$(GO) run ./internal/mutants -build
	$(GO) test ./internal/recipes -vet=off -timeout 30m -build

check: fmt vet staticcheck generated ## gofmt, vet, staticcheck of all modules, and that generated code is current

fmt:
	@out=$$(git ls-files -co --exclude-standard '*.go' | grep -v /testdata/ | xargs gofmt -l); \
	if [ -n "$$out" ]; then echo "gofmt would change:"; echo "$$out"; exit 1; fi

vet:
	$(GO) vet ./... $(patsubst %,./%/...,$(wildcard templates/testdata/*/want))

staticcheck: # of all modules, by the version that the root's go.mod has
	@dir=$$(mktemp -d) && trap 'rm -r $$dir' EXIT && $(GO) build -o $$dir honnef.co/go/tools/cmd/staticcheck && \
	for m in $(MODULES); do (cd $$m && $$dir/staticcheck ./...) || exit 1; done

generated:
	@for c in $(CONFIGS); do $(GO) run ./cmd/storegen diff -list -config $$c || { echo "fix with: go generate ./..."; exit 1; }; done

vet-ports: ## vet, and so the type checker, for windows, darwin and a 32-bit machine
	GOOS=windows GOARCH=amd64 $(GO) vet ./...
	GOOS=darwin GOARCH=arm64 $(GO) vet ./...
	GOOS=linux GOARCH=386 $(GO) vet ./...

emulated-test: ## what lays out bytes and what reads them, on a big-endian machine and on a 32-bit one, by qemu; installs it where it is missing
	sh scripts/apt.sh qemu-s390x-static=qemu-user-static qemu-arm-static=qemu-user-static
	for arch in s390x arm; do \
		GOOS=linux GOARCH=$$arch $(GO) test -vet=off -timeout 30m -exec "qemu-$$arch-static" ./keys ./runtime/record/... ./runtime/catalog ./runtime/provider/... || exit 1; \
	done

completion-test: ## completion in bash, zsh and fish themselves; installs what is missing of them
	sh scripts/apt.sh bash zsh fish
	$(GO) test ./cmd/storegen -count 1 -v -run 'Script.*/completion$$'
	cd cmd/storegen-db && $(GO) test -count 1 -v -run 'Script.*/completion$$' .

jsonschema-test: ## the JSON Schemas of schema files and of storegen.yaml in ajv's strict mode; installs npm where it is missing
	sh scripts/ajv.sh schema/jsonschema/testdata/table.schema.json schema/jsonschema/testdata/config.schema.json

race: ## the tests with the race detector, in their short form
	$(GO) test -race -short -timeout 30m ./...

fuzz: ## every fuzz target on FUZZTIME inputs each, as 100000x
	FUZZTIME=$(FUZZTIME) GO=$(GO) sh scripts/fuzz.sh

fuzz-long: ## ten million inputs for each decoder, in one process each: some hours
	INPUTS=$(INPUTS) GO=$(GO) sh scripts/fuzz.sh

random-schemas: ## 150 made-up tables with everything in them, generated, compiled and run on two engines beside a map: two minutes; MADE tables a program, ROUNDS programs
	$(GO) test ./internal/torture -vet=off -count 1 -timeout 30m -run RandomSchemas -rounds $(ROUNDS) -made $(MADE) -drives 1 -drivesteps 60

queries: ## a million queries by every path of 800 made-up tables, against an oracle: some minutes
	$(GO) test ./internal/torture/queries -timeout 1h -v -tables 800 -queries 1260

torture: queries ## kills, faults, histories, programs, queries and flipped bits, the long form: about an hour
	$(GO) test ./internal/torture -timeout 3h -v -kills 1000 -faults 10000 -histories 500 -programs 20 -steps 400 -rounds 7 -evolutions 30000
	$(GO) test ./runtime/store -timeout 1h -v -run Flips -everybit

mutants: ## the tests against wrong builds, of which 95 in 100 have to fail: an hour or more; MUTANTS='-only ^keys:' and the like are passed on
	$(GO) run ./internal/mutants $(MUTANTS)

mutants-once: ## that each wrong build still fits the source, and a few of them
	$(GO) run ./internal/mutants -every 40

verify-million: ## Verify of a million rows with five entries each, beside a scan of them, of which it may take ten: some minutes
	$(GO) test ./runtime/store -timeout 1h -run '^$$' -bench VerifyBesideScan -benchtime 3x -verifyrows 1000000 -verifytimes 10

bench: ## the generated store against the hand-written twin and its peers, the long form; BENCH='-only Get' and the like are passed on
	cd bench && $(GO) run ./run $(BENCH)

bench-gen: ## what the generator costs on 10 to 5,000 tables, what its output costs to compile, and sqlc and ent beside it: some minutes; BENCHGEN='-tables 1000' and the like are passed on
	cd bench/gen && $(GO) run . $(BENCHGEN)

bench-gen-once: ## the same in its short form, to see that it works
	cd bench/gen && $(GO) vet ./... && $(GO) run . -tables 10,100 -peers '' -times 1

bench-test: ## that all contestants do the same work and give the same answers, that the generated store allocates no more than the twin, and every report once
	cd bench && $(GO) vet ./... && $(GO) test ./... && $(GO) run ./run -rows 2000 -syncrows 200 -passes 1 -scale 0.02 -most 10000 -slices 2 compare threads patterns ycsb codec start growth >/dev/null

rowcache-test: ## the cache of rows, with the race detector
	cd rowcache && $(GO) vet ./... && $(GO) test -race ./...

pebble-test: ## the pebble engine, with the race detector, in short
	cd engines/pebble && $(GO) vet ./... && $(GO) test -vet=off ./... && $(GO) test -race -short -vet=off -run 'Conformance/Memory|Programs|Fail|Power' -rapid.checks 5 ./...

arrow-test: ## rows as Arrow and as Parquet, and back
	cd arrowstore && $(GO) vet ./... && $(GO) test -vet=off ./...
	cd parquetstore && $(GO) vet ./... && $(GO) test -vet=off ./...

sql-test: ## SQL over tables, with the race detector
	cd sqlstore && $(GO) vet ./... && $(GO) test -vet=off -race ./...

sql-long: ## SQLQUERIES random queries and SQLPROGRAMS programs of writes, on tables and on SQLite's own
	cd sqlstore && $(GO) test -vet=off -timeout 60m -count 1 -v ./internal/proof -queries $(SQLQUERIES) -programs $(SQLPROGRAMS) -seed $(SQLSEED)

sql-bench: ## what statements cost, beside SQLite's own tables: the table in docs/performance.md
	cd sqlstore && $(GO) run ./internal/speed -update ../docs/performance.md

db-test: ## the command that opens databases
	cd cmd/storegen-db && $(GO) vet ./... && $(GO) test -vet=off ./...

pebble-test-long: ## the same on more cases
	cd engines/pebble && $(GO) test -vet=off -timeout 30m -rapid.checks 100 -programs 10 -steps 200 -flips 2000 ./... && $(GO) test -race -short -vet=off -timeout 30m ./...

bench-go: ## all benchmarks of the packages, ten runs each, for benchstat
	$(GO) test -run '^$$' -bench . -benchmem -count 10 ./...

bench-once: ## every benchmark once, to see that it works
	$(GO) test -run '^$$' -bench . -benchtime 1x ./...

lines: ## what each reference table costs in YAML, and what it stands for
	$(GO) run ./cmd/storegen lines
