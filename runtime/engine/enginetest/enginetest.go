// Package enginetest is the conformance suite of engines: what a store expects
// of any engine.Engine, as tests. An engine's own test calls Run, and RunLocal as well
// where the data is in the process itself.
//
//	func TestConformance(t *testing.T) {
//		open := func(t testing.TB) engine.Engine { return memory.New() }
//		enginetest.Run(t, open)
//		enginetest.RunLocal(t, open)
//	}
//
// The suite keeps to the engine's Limits, of which it needs 64 writes and 16 KiB a
// commit, keys of 1 KiB and values of 4 KiB, and 6 snapshots. It knows engines only
// through package engine. It waits for nothing but other goroutines, and is worth running
// under the race detector.
package enginetest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/runtime/engine"
)

// Open returns a new, empty engine. The suite closes it.
type Open func(t testing.TB) engine.Engine

// Option adds to what is tested.
type Option func(*suite)

// WithReopen says that the engine keeps its data: reopen closes e and opens what
// it had stored.
func WithReopen(reopen func(t testing.TB, e engine.Engine) engine.Engine) Option {
	return func(s *suite) { s.reopen = reopen }
}

type suite struct {
	open   Open
	reopen func(t testing.TB, e engine.Engine) engine.Engine
}

// part is one test of the suite.
type part struct {
	name string
	run  func(t *testing.T, e engine.Engine)
}

// Run runs what every engine has to pass, each part as a subtest on an engine of its own.
func Run(t *testing.T, open Open, opts ...Option) {
	s := &suite{open: open}
	for _, o := range opts {
		o(s)
	}
	s.run(t, []part{
		{"GetPutDelete", testGetPutDelete},
		{"EmptyKeyAndValue", testEmptyKeyAndValue},
		{"Limits", testLimits},
		{"MaxSnapshots", testMaxSnapshots},
		{"Ownership", testOwnership},
		{"GetMany", testGetMany},
		{"GetManyOrdered", testGetManyOrdered},
		{"Iterate", testIterate},
		{"IteratorEnds", testIteratorEnds},
		{"Take", testTake},
		{"Batch", testBatch},
		{"ForeignBatch", testForeignBatch},
		{"Snapshot", testSnapshot},
		{"OwnWrites", testOwnWrites},
		{"OwnWritesIterate", testOwnWritesIterate},
		{"ChangeWhileIterating", testChangeWhileIterating},
		{"FunctionError", testFunctionError},
		{"Panic", testPanic},
		{"TxDone", testTxDone},
		{"Begin", testBegin},
		{"Reuse", testReuse},
		{"ShortLoses", testShortLoses},
		{"ShortReadsOn", testShortReadsOn},
		{"ShortState", testShortState},
		{"Conflicts", testConflicts},
		{"WriteSkew", testWriteSkew},
		{"ReadOnlyTx", testReadOnlyTx},
		{"ManyReads", testManyReads},
		{"ConflictNames", testConflictNames},
		{"Closed", testClosed},
		{"CloseWhileOpen", testCloseWhileOpen},
		{"CloseInTx", testCloseInTx},
		{"Context", testContext},
		{"Counters", testCounters},
		{"CountersMayDiffer", testCountersMayDiffer},
		{"CountersMayConflict", testCountersMayConflict},
		{"Bank", testBank},
		{"BlindAgainstUpdate", testBlindAgainstUpdate},
		{"ReadersNeverGoBack", testReadersNeverGoBack},
		{"Numbers", testNumbers},
		{"NumbersOfReads", testNumbersOfReads},
		{"NumberOfNothing", testNumberOfNothing},
		{"Sizer", testSizer},
		{"DeleteRange", testDeleteRange},
		{"DeleteRangeTx", testDeleteRangeTx},
		{"DeleteRangeCounted", testDeleteRangeCounted},
	})
	t.Run("Model", s.testModel)
	t.Run("Loops", s.testLoops)
	t.Run("Ingest", s.testIngest)
	t.Run("Reopen", func(t *testing.T) {
		if s.reopen == nil {
			t.Skip("the engine does not keep its data")
		}
		s.testReopen(t)
	})
}

// RunLocal runs what engines have to pass besides whose data is in the process itself:
// a transaction can have the engine to itself, one that others overtake goes on in the
// new state, what is used wrongly is told at once, and a read looks at its context as it
// goes on.
func RunLocal(t *testing.T, open Open) {
	s := &suite{open: open}
	s.run(t, []part{
		{"NotShared", testNotShared},
		{"GetManyCancelled", testGetManyCancelled},
		{"ShortMoves", testShortMoves},
		{"LoopMoves", testLoopMoves},
		{"LoopMovesAhead", testLoopMovesAhead},
		{"ReuseRunning", testReuseRunning},
		{"Exclusive", testExclusive},
		{"ExclusiveKeepsOut", testExclusiveKeepsOut},
		{"CountersExclusive", testCountersExclusive},
		{"Nested", testNested},
	})
}

func (s *suite) run(t *testing.T, parts []part) {
	for _, p := range parts {
		t.Run(p.name, func(t *testing.T) {
			e := s.open(t)
			t.Cleanup(func() {
				if err := e.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
			})
			p.run(t, e)
		})
	}
}

var ctx = context.Background()

// wantErr fails the test unless err matches want.
func wantErr(t testing.TB, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: error %v, want %v", what, err, want)
	}
}

func must(t testing.TB, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// put writes pairs, given as key, value, key, value, in one blind batch.
func put(t testing.TB, e engine.Engine, kv ...string) {
	t.Helper()
	b := e.NewBatch()
	for i := 0; i < len(kv); i += 2 {
		b.Put([]byte(kv[i]), []byte(kv[i+1]))
	}
	must(t, "Write", e.Write(ctx, b, engine.WriteOptions{}))
}

// del deletes a key in a blind batch.
func del(t testing.TB, e engine.Engine, key string) {
	t.Helper()
	b := e.NewBatch()
	b.Delete([]byte(key))
	must(t, "Write", e.Write(ctx, b, engine.WriteOptions{}))
}

// get returns the value of a key, or "-" if it is not there.
func get(t testing.TB, r engine.Reader, key string) string {
	t.Helper()
	v, err := r.Get(ctx, []byte(key))
	if errors.Is(err, engine.ErrNotFound) {
		return "-"
	}
	must(t, "Get "+key, err)
	return string(v)
}

// wantGet fails the test unless the value of key, as get gives it, is want.
func wantGet(t testing.TB, r engine.Reader, key, want string) {
	t.Helper()
	if got := get(t, r, key); got != want {
		t.Errorf("%s = %s, want %s", key, got, want)
	}
	has, err := r.Has(ctx, []byte(key))
	must(t, "Has "+key, err)
	if has != (want != "-") {
		t.Errorf("Has %s = %v, but its value is %s", key, has, want)
	}
}

// bytesOf is nil for the empty string: a bound that is not there.
func bytesOf(s string) []byte {
	if s == "" {
		return nil
	}
	return []byte(s)
}

// span returns the range from start to end, "" meaning no bound.
func span(start, end string) engine.Range {
	return engine.Range{Start: bytesOf(start), End: bytesOf(end)}
}

func backward(r engine.Range) engine.Range {
	r.Reverse = true
	return r
}

// walk returns the first n pairs of a range as "key=value", all of them for a
// negative n.
func walk(t testing.TB, r engine.Reader, rng engine.Range, n int) []string {
	t.Helper()
	got, err := tryWalk(r, rng, n)
	must(t, fmt.Sprintf("Iterate %q to %q", rng.Start, rng.End), err)
	return got
}

func tryWalk(r engine.Reader, rng engine.Range, n int) (pairs []string, err error) {
	it := r.Iterate(ctx, rng)
	defer func() {
		if cerr := it.Close(); err == nil {
			err = cerr
		}
	}()
	for n != 0 && it.Next() {
		if rng.KeysOnly {
			pairs = append(pairs, string(it.Key()))
		} else {
			pairs = append(pairs, string(it.Key())+"="+string(it.Value()))
		}
		n--
	}
	return pairs, it.Err()
}

func wantWalk(t testing.TB, what string, r engine.Reader, rng engine.Range, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, walk(t, r, rng, -1)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// Update runs fn once in a transaction and commits what it wrote, unless fn returns an
// error: what is ended by hand otherwise.
func Update(ctx context.Context, e engine.Engine, o engine.TxOptions, fn func(ctx context.Context, tx engine.Tx) error) error {
	tx, err := e.Begin(ctx, o)
	if err != nil {
		return err
	}
	defer tx.Rollback() // where fn panics, or ends its goroutine
	if err := fn(ctx, tx); err != nil {
		if lost := tx.Rollback(); lost != nil {
			return lost
		}
		return err
	}
	_, err = tx.Commit(ctx)
	return err
}

// commit commits a transaction whose number is of no interest.
func commit(tx engine.Tx) error {
	_, err := tx.Commit(ctx)
	return err
}

// mayDiffer is the hint of operations on single rows, or none.
func mayDiffer(yes bool) engine.Hint {
	if yes {
		return engine.Hint{Reads: engine.ReadsMayDiffer}
	}
	return engine.Hint{}
}

// mayConflict is the hint of short transactions.
var mayConflict = engine.Hint{Reads: engine.ReadsMayConflict}

// update runs fn in a transaction until it does not conflict.
func update(e engine.Engine, o engine.TxOptions, fn func(ctx context.Context, tx engine.Tx) error) error {
	for {
		err := Update(ctx, e, o, fn)
		if !errors.Is(err, engine.ErrConflict) {
			return err
		}
	}
}
