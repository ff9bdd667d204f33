package enginetest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/runtime/engine"
)

// ingestCheck is one thing that an Ingester promises, on an engine of its own. It returns
// what is wrong, so that the suite's own test sees that it is found.
type ingestCheck struct {
	name string
	run  func(e engine.Engine, in engine.Ingester) error
}

var ingestChecks = []ingestCheck{
	{"Nothing", ingestNothing},
	{"Pairs", ingestPairs},
	{"Order", ingestOrder},
	{"Empty", ingestEmpty},
	{"Error", ingestError},
	{"Cancelled", ingestCancelled},
	{"Readers", ingestReaders},
	{"Between", ingestBetween},
	{"Written", ingestWritten},
	{"Twice", ingestTwice},
	{"Closed", ingestClosed},
	{"ClosedMeanwhile", ingestClosedMeanwhile},
}

func (s *suite) testIngest(t *testing.T) {
	e := s.open(t)
	_, ok := e.(engine.Ingester)
	must(t, "Close", e.Close())
	if !ok {
		t.Skip("the engine is no Ingester")
	}
	for _, c := range ingestChecks {
		t.Run(c.name, func(t *testing.T) {
			e := s.open(t)
			if err := c.run(e, e.(engine.Ingester)); err != nil {
				t.Error(err)
			}
			must(t, "Close", e.Close())
		})
	}
	if s.reopen == nil {
		return
	}
	t.Run("Reopen", func(t *testing.T) {
		e := s.open(t)
		must(t, "Ingest", e.(engine.Ingester).Ingest(ctx, numbers(0, manyPairs)))
		e = s.reopen(t, e)
		if err := holds(e, numbers(0, manyPairs).all()...); err != nil {
			t.Error(err)
		}
		must(t, "Close", e.Close())
	})
}

// manyPairs is more than an Ingester takes between two looks at its context.
const manyPairs = 5000

// sorted is pairs, as key, value, key, value. then ends them, and each is called with the
// number of the pair that is next.
type sorted struct {
	kv   []string
	at   int
	then error
	each func(n int)
}

func pairsOf(kv ...string) *sorted { return &sorted{kv: kv} }

// numbers is the pairs of every second number.
func numbers(from, n int) *sorted {
	s := &sorted{}
	for i := range n {
		s.kv = append(s.kv, fmt.Sprintf("k%06d", from+2*i), fmt.Sprint(i))
	}
	return s
}

// all is the pairs as walks show them.
func (s *sorted) all() (out []string) {
	for i := 0; i < len(s.kv); i += 2 {
		out = append(out, s.kv[i]+"="+s.kv[i+1])
	}
	return out
}

func (s *sorted) Next() bool {
	if s.each != nil {
		s.each(s.at)
	}
	s.at++
	return 2*s.at <= len(s.kv)
}
func (s *sorted) Key() []byte   { return []byte(s.kv[2*s.at-2]) }
func (s *sorted) Value() []byte { return []byte(s.kv[2*s.at-1]) }
func (s *sorted) Err() error    { return s.then }
func (s *sorted) Close() error  { return s.then }

// holds reports where a reader does not show these pairs and no others, in both directions
// and by key.
func holds(r engine.Reader, want ...string) error {
	slices.Sort(want)
	got, err := tryWalk(r, engine.Range{}, -1)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		return fmt.Errorf("there is something else: %v (-want +got):\n%s", err, diff)
	}
	got, err = tryWalk(r, engine.Range{Reverse: true}, -1)
	slices.Reverse(got)
	if err != nil || !slices.Equal(got, want) {
		return fmt.Errorf("in reverse it is %q, %v", got, err)
	}
	for _, pair := range want {
		key := pair[:slices.Index([]byte(pair), '=')]
		v, err := r.Get(ctx, []byte(key))
		if err != nil || key+"="+string(v) != pair {
			return fmt.Errorf("%s: %q, %v", pair, v, err)
		}
	}
	return nil
}

// is reports an error that is another one.
func is(what string, err, want error) error {
	if want == nil && err == nil || want != nil && errors.Is(err, want) {
		return nil
	}
	return fmt.Errorf("%s: error %v, want %v", what, err, want)
}

// given writes pairs in one blind batch.
func given(e engine.Engine, kv ...string) error {
	b := e.NewBatch()
	for i := 0; i < len(kv); i += 2 {
		b.Put([]byte(kv[i]), []byte(kv[i+1]))
	}
	return e.Write(ctx, b, engine.WriteOptions{})
}

func ingestNothing(e engine.Engine, in engine.Ingester) error {
	if err := is("on an empty engine", in.Ingest(ctx, pairsOf()), nil); err != nil {
		return err
	}
	return errors.Join(given(e, "a", "1"), is("beside something", in.Ingest(ctx, pairsOf()), nil), holds(e, "a=1"))
}

// ingestPairs: pairs are there with what was there, between them and around.
func ingestPairs(e engine.Engine, in engine.Ingester) error {
	if err := given(e, "a", "1", "k000001", "between", "k000003", "between", "z", "2"); err != nil {
		return err
	}
	one := numbers(0, manyPairs)
	if err := is("Ingest", in.Ingest(ctx, one), nil); err != nil {
		return err
	}
	// Keys of other parts of the key space, and one pair alone.
	two, three := pairsOf("\x00", "\x00", "b", "3", "y", "4", "\xff\xff", "5"), pairsOf("c", "6")
	err := errors.Join(is("Ingest", in.Ingest(ctx, two), nil), is("Ingest", in.Ingest(ctx, three), nil))
	all := slices.Concat([]string{"a=1", "k000001=between", "k000003=between", "z=2"}, one.all(), two.all(), three.all())
	return errors.Join(err, holds(e, all...))
}

// none makes sure that Ingest fails and leaves nothing.
func none(e engine.Engine, in engine.Ingester, what string, ctx context.Context, pairs *sorted, want error) error {
	return errors.Join(is(what, in.Ingest(ctx, pairs), want), holds(e, "a=1"))
}

func ingestOrder(e engine.Engine, in engine.Ingester) error {
	many := numbers(0, manyPairs)
	many.kv = append(many.kv, many.kv[len(many.kv)-4:len(many.kv)-2]...)
	return errors.Join(given(e, "a", "1"),
		none(e, in, "a key twice", ctx, pairsOf("b", "1", "b", "1"), engine.ErrInvalid),
		none(e, in, "one that comes before", ctx, pairsOf("b", "1", "d", "1", "c", "1"), engine.ErrInvalid),
		none(e, in, "one that comes before many", ctx, many, engine.ErrInvalid))
}

func ingestEmpty(e engine.Engine, in engine.Ingester) error {
	return errors.Join(given(e, "a", "1"),
		none(e, in, "an empty key", ctx, pairsOf("", "1", "b", "1"), engine.ErrInvalid),
		none(e, in, "an empty value", ctx, pairsOf("b", "1", "c", ""), engine.ErrInvalid))
}

func ingestError(e engine.Engine, in engine.Ingester) error {
	broken := errors.New("broken")
	failed := given(e, "a", "1")
	for _, n := range []int{0, 1, manyPairs} {
		pairs := numbers(0, n)
		pairs.then = broken
		failed = errors.Join(failed, none(e, in, fmt.Sprintf("behind %d pairs", n), ctx, pairs, broken))
	}
	return failed
}

func ingestCancelled(e engine.Engine, in engine.Ingester) error {
	before, cancel := context.WithCancel(ctx)
	cancel()
	failed := errors.Join(given(e, "a", "1"), none(e, in, "before", before, pairsOf("b", "1"), context.Canceled))
	within, cancel := context.WithCancel(ctx)
	defer cancel()
	pairs := numbers(0, manyPairs)
	pairs.each = func(n int) {
		if n == 10 {
			cancel()
		}
	}
	return errors.Join(failed, none(e, in, "meanwhile", within, pairs, context.Canceled))
}

// ingestReaders: what began before sees nothing of it, what begins later all.
func ingestReaders(e engine.Engine, in engine.Ingester) (failed error) {
	note := func(err error) { failed = errors.Join(failed, err) }
	note(given(e, "a", "1", "l", "2"))
	before, err := e.Snapshot(ctx)
	if err != nil {
		return err
	}
	it := e.Iterate(ctx, engine.Range{})
	it.Next()
	tx, err := e.Begin(ctx, engine.TxOptions{})
	if err != nil {
		return err
	}
	note(holds(tx, "a=1", "l=2"))
	pairs := numbers(0, 10)
	note(is("Ingest", in.Ingest(ctx, pairs), nil))
	note(holds(before, "a=1", "l=2"))
	note(holds(tx, "a=1", "l=2"))
	if !it.Next() || string(it.Key()) != "l" || it.Next() {
		note(fmt.Errorf("an iterator of before shows %q", it.Key()))
	}
	after, err := e.Snapshot(ctx)
	if err != nil {
		return err
	}
	all := append(pairs.all(), "a=1", "l=2")
	note(holds(after, all...))
	later, err := e.Begin(ctx, engine.TxOptions{})
	if err != nil {
		return err
	}
	note(holds(later, all...))
	note(errors.Join(it.Close(), before.Close(), after.Close(), tx.Rollback(), later.Rollback()))
	return failed
}

// ingestBetween: pairs may use the engine, and others read and write between them.
func ingestBetween(e engine.Engine, in engine.Ingester) (failed error) {
	note := func(err error) { failed = errors.Join(failed, err) }
	note(given(e, "k000001", "1"))
	tx, err := e.Begin(ctx, engine.TxOptions{})
	if err != nil {
		return err
	}
	if _, err := tx.Get(ctx, []byte("k000001")); err != nil {
		note(err)
	}
	note(tx.Put([]byte("k000003"), []byte("2")))
	pairs := numbers(0, manyPairs)
	pairs.each = func(n int) {
		if n == manyPairs/2 {
			note(given(e, "k000005", "3"))
			note(update(e, engine.TxOptions{}, func(ctx context.Context, tx engine.Tx) error {
				v, err := tx.Get(ctx, []byte("k000005"))
				return errors.Join(err, tx.Put([]byte("k000007"), v))
			}))
		}
	}
	note(is("Ingest", in.Ingest(ctx, pairs), nil))
	note(is("a transaction that has read other keys", commit(tx), nil))
	note(holds(e, append(pairs.all(), "k000001=1", "k000003=2", "k000005=3", "k000007=3")...))
	return failed
}

// ingestWritten: keys may have been there before, and are written as others are later.
func ingestWritten(e engine.Engine, in engine.Ingester) (failed error) {
	note := func(err error) { failed = errors.Join(failed, err) }
	note(given(e, "a", "1", "b", "1", "c", "1"))
	b := e.NewBatch()
	b.Delete([]byte("a"))
	b.Delete([]byte("b"))
	note(e.Write(ctx, b, engine.WriteOptions{}))
	note(is("Ingest", in.Ingest(ctx, pairsOf("a", "2", "b", "2", "d", "2", "e", "2")), nil))
	note(holds(e, "a=2", "b=2", "c=1", "d=2", "e=2"))
	note(given(e, "a", "3", "f", "3"))
	note(update(e, engine.TxOptions{}, func(ctx context.Context, tx engine.Tx) error {
		return errors.Join(tx.Put([]byte("b"), []byte("4")), tx.Delete([]byte("d")))
	}))
	note(holds(e, "a=3", "b=4", "c=1", "e=2", "f=3"))
	return failed
}

// ingestTwice: two go on at once.
func ingestTwice(e engine.Engine, in engine.Ingester) error {
	var wg sync.WaitGroup
	both := []*sorted{numbers(0, manyPairs), numbers(1, manyPairs)}
	var failed [2]error
	for i, pairs := range both {
		wg.Go(func() { failed[i] = in.Ingest(ctx, pairs) })
	}
	wg.Wait()
	return errors.Join(failed[0], failed[1], holds(e, append(both[0].all(), both[1].all()...)...))
}

func ingestClosed(e engine.Engine, in engine.Ingester) error {
	if err := e.Close(); err != nil {
		return err
	}
	return errors.Join(is("of nothing", in.Ingest(ctx, pairsOf()), engine.ErrClosed), is("of a pair", in.Ingest(ctx, pairsOf("a", "1")), engine.ErrClosed))
}

// ingestClosedMeanwhile: closing ends it, and waits for no more than that.
func ingestClosedMeanwhile(e engine.Engine, in engine.Ingester) error {
	var wg sync.WaitGroup
	var closed error
	begun := make(chan struct{})
	wg.Go(func() { <-begun; closed = e.Close() })
	err := in.Ingest(ctx, &endless{each: func(n int) {
		if n == 10 {
			close(begun)
			for is := error(nil); !errors.Is(is, engine.ErrClosed); _, is = e.Has(ctx, []byte("x")) {
				runtime.Gosched()
			}
		}
	}})
	wg.Wait()
	return errors.Join(closed, is("Ingest", err, engine.ErrClosed))
}

// endless is pairs without an end, but for an engine that would never stop.
type endless struct {
	at   int
	each func(n int)
}

func (p *endless) Next() bool    { p.each(p.at); p.at++; return p.at < 1<<14 }
func (p *endless) Key() []byte   { return fmt.Appendf(nil, "k%09d", p.at) }
func (p *endless) Value() []byte { return []byte("1") }
func (p *endless) Err() error    { return nil }
func (p *endless) Close() error  { return nil }
