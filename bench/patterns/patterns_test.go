package patterns

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/bench/patterns/db"
)

const testRows = 2000

// answers is all that a side says of its rows, as texts.
func answers(t *testing.T, s Side) (out []string) {
	t.Helper()
	say := func(v ...any) { out = append(out, fmt.Sprintln(v...)) }
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for i := range 20 {
		check(s.SlotsOf(digest('a', i), func(s *db.Slot) { say(*s) }))
		b, err := s.BlockByHash(digest('b', i*7))
		check(err)
		say(*b)
		file, offset, err := s.PlaceByHash(digest('b', i*7))
		check(err)
		say(file, offset)
		check(s.States(namespace(i), stateName(i*3), 30, func(s *db.State) { say(*s) }))
		check(s.HistoryOf(namespace(i), stateName(i/namespaces), func(block uint64, tx uint32) { say(block, tx) }))
		check(s.Amounts(int64(i)*999, 30, func(amount int64, height uint64, position uint32) { say(amount, height, position) }))
		check(s.TxsWith(attributeOf(i), 1000, func(height uint64, position uint32) { say(height, position) }))
		check(s.TxsWith(fmt.Sprintf("message.action=%d", i), 1000, func(height uint64, position uint32) { say(height, position) }))
		check(s.WhoHas(digest('f', i*11), func(device uint32, name string) { say(device, name) }))
		check(s.Needed(uint32(i), 50, func(name string, size int64) { say(name, size) }))
		invoice, err := s.InvoiceByHash(digest('i', i*13))
		check(err)
		say(*invoice)
		check(s.Forwards(forwardRow(i*17).At, forwardRow(i*19+5).At, func(f *db.Forward) { say(*f) }))
		check(s.EdgesOf(nodeOf(i), func(e *db.Edge) { say(*e) }))
	}
	check(s.Open(1000, func(i *db.Invoice) { say(*i) }))
	return out
}

// changes writes over rows in ways that move the entries of indexes.
func changes(s Side) error {
	for i := range 40 {
		if err := s.Settle(uint64(i*10), i%3 == 0); err != nil {
			return err
		}
		f := fileRow(i * 7)
		f.Needed, f.Size = i%2 == 0, int64(i)
		f.Blocks[i%blocksOfFile] = digest('f', i*11)
		if err := s.PutFiles([]*db.File{f}); err != nil {
			return err
		}
	}
	return nil
}

func TestSidesGiveTheSameAnswers(t *testing.T) {
	var want []string
	for _, e := range Entries {
		p, err := NewPlayer(e, testRows)
		if err != nil {
			t.Fatal(err)
		}
		got := answers(t, p)
		if err := changes(p); err != nil {
			t.Fatal(err)
		}
		got = append(got, answers(t, p)...)
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		if want == nil {
			if want = got; len(want) < 4000 {
				t.Fatalf("only %d answers", len(want))
			}
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s does not say what %s says (-by hand +it):\n%.3000s", e.Name, Entries[0].Name, diff)
		}
	}
}

// What is new must be refused by all sides if it is there.
func TestSidesRefuseTheSame(t *testing.T) {
	for _, e := range Entries {
		p, err := NewPlayer(e, testRows)
		if err != nil {
			t.Fatal(err)
		}
		for name, err := range map[string]error{
			"block of a hash": p.InsertBlocks([]*db.Block{{Number: testRows, Hash: digest('b', 1)}}),
			"block":           p.InsertBlocks([]*db.Block{{Number: 1, Hash: digest('b', testRows)}}),
			"transaction":     p.InsertTxs([]*db.Tx{{Height: 0, Position: 1, Hash: digest('t', testRows)}}),
			"hash of one":     p.InsertTxs([]*db.Tx{{Height: 1 << 40, Hash: digest('t', 1)}}),
			"invoice":         p.InsertInvoices([]*db.Invoice{{Number: 1, Hash: digest('i', testRows), AddedAt: time.Unix(0, 0)}}),
		} {
			if err == nil {
				t.Errorf("%s: a second %s was taken", e.Name, name)
			}
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestPatternsAnswerRight(t *testing.T) {
	for _, e := range Entries {
		p, err := NewPlayer(e, testRows)
		if err != nil {
			t.Fatal(err)
		}
		for i := range Patterns {
			if err := Patterns[i].Prepare(p, 5)(); err != nil {
				t.Error(err)
			}
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
}
