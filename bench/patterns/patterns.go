package patterns

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"github.com/storegen/storegen/bench/patterns/db"
)

// A Pattern is a way in which a program reads or writes its tables.
type Pattern struct {
	Program, Name string
	N             int  // how many are done in a slice
	Write         bool // it changes what is stored
	// prepare makes what n calls of it need, and returns the calls.
	prepare func(p *Player, n int) func(i int) error
}

// Player is a side at work.
type Player struct {
	Side
	Name string
	dir  string
	rows int // of each table
	next int // the number of the next new row
	rng  *rand.Rand
}

// An Entry is a side in the list.
type Entry struct {
	Name string
	Open func(dir string) (Side, error)
}

// Entries are the sides, the one by hand first, and again under another name: the
// difference of the two is the noise.
var Entries = []Entry{
	{"by hand", openByHand},
	{"by hand again", openByHand},
	{"generated", openOnLevel},
	{"generated on pebble", openOnPebble},
}

// NewPlayer opens a side in a folder of its own, with so many rows in each table.
func NewPlayer(e Entry, rows int) (p *Player, err error) {
	dir, err := os.MkdirTemp("", "patterns-*")
	if err != nil {
		return nil, err
	}
	p = &Player{Name: e.Name, dir: dir, rows: rows, next: rows, rng: rand.New(rand.NewPCG(1, 2))}
	if p.Side, err = e.Open(dir); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", e.Name, err), os.RemoveAll(dir))
	}
	if err := p.load(); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", e.Name, err), p.Close())
	}
	return p, nil
}

// Close closes the side and removes what it has stored.
func (p *Player) Close() error { return errors.Join(p.Side.Close(), os.RemoveAll(p.dir)) }

func (p *Player) load() error {
	return errors.Join(
		loadRows(p.rows, accountRow, p.PutAccounts),
		loadRows(p.rows, slotRow, p.PutSlots),
		loadRows(p.rows, blockRow, p.InsertBlocks),
		loadRows(p.rows, stateRow, p.PutStates),
		loadRows(p.rows, changeRow, p.PutHistory),
		loadRows(p.rows, txRow, p.InsertTxs),
		loadRows(p.rows, fileRow, p.PutFiles),
		loadRows(p.rows, invoiceRow, p.InsertInvoices),
		loadRows(p.rows, forwardRow, p.PutForwards),
		loadRows(p.rows, edgeRow, p.PutEdges),
		p.Rest(),
	)
}

// loadRows writes n rows, 200 in a commit, in an order that is random and always the same.
func loadRows[T any](n int, row func(int) *T, write func([]*T) error) error {
	numbers := rand.New(rand.NewPCG(3, 4)).Perm(n)
	for len(numbers) > 0 {
		batch := make([]*T, min(200, len(numbers)))
		for i := range batch {
			batch[i] = row(numbers[i])
		}
		if err := write(batch); err != nil {
			return err
		}
		numbers = numbers[len(batch):]
	}
	return nil
}

var errWrong = errors.New("wrong answer")

func want(ok bool, err error) error {
	if err == nil && !ok {
		return errWrong
	}
	return err
}

// some are n random numbers below another.
func (p *Player) some(n, below int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = p.rng.IntN(below)
	}
	return out
}

// bundles makes n bundles of rows of random numbers.
func bundles[T any](p *Player, n, size, below int, row func(int) *T) [][]*T {
	out := make([][]*T, n)
	for i := range out {
		for _, k := range p.some(size, below) {
			out[i] = append(out[i], row(k))
		}
	}
	return out
}

// fresh makes n rows that are not there.
func fresh[T any](p *Player, n int, row func(int) *T) [][]*T {
	out := make([][]*T, n)
	for i := range out {
		out[i] = []*T{row(p.next)}
		p.next++
	}
	return out
}

// Patterns are those that are measured, a program after another.
var Patterns = []Pattern{
	{"go-ethereum", "write 900 accounts of a snapshot", 4, true, func(p *Player, n int) func(int) error {
		rows := bundles(p, n, 900, p.rows, accountRow)
		return func(i int) error { return p.PutAccounts(rows[i]) }
	}},
	{"go-ethereum", "write one slot", 1000, true, func(p *Player, n int) func(int) error {
		rows := bundles(p, n, 1, p.rows, slotRow)
		return func(i int) error { return p.PutSlots(rows[i]) }
	}},
	{"go-ethereum", "the 50 slots of an account", 100, false, func(p *Player, n int) func(int) error {
		of := p.some(n, p.rows/slotsOfAccount)
		return func(i int) error {
			got := 0
			err := p.SlotsOf(digest('a', of[i]), func(*db.Slot) { got++ })
			return want(got == slotsOfAccount, err)
		}
	}},
	{"Fabric", "where a block is, by its hash", 2000, false, func(p *Player, n int) func(int) error {
		of := bundles(p, n, 1, p.rows, blockRow)
		return func(i int) error {
			b := of[i][0]
			file, offset, err := p.PlaceByHash(b.Hash)
			return want(file == b.File && offset == b.Offset, err)
		}
	}},
	{"Fabric", "a block by its hash", 1000, false, func(p *Player, n int) func(int) error {
		of := bundles(p, n, 1, p.rows, blockRow)
		return func(i int) error {
			b, err := p.BlockByHash(of[i][0].Hash)
			return want(err == nil && b.Txs == of[i][0].Txs, err)
		}
	}},
	{"Fabric", "50 states of a namespace from a name on", 100, false, func(p *Player, n int) func(int) error {
		of := p.some(n, p.rows-50*namespaces)
		return func(i int) error {
			got := 0
			err := p.States(namespace(of[i]), stateName(of[i]/namespaces), 50, func(*db.State) { got++ })
			return want(got == 50, err)
		}
	}},
	{"Fabric", "the 20 changes of a name, the last first", 300, false, func(p *Player, n int) func(int) error {
		of := p.some(n, p.rows/changesOfName)
		return func(i int) error {
			got := 0
			err := p.HistoryOf(namespace(of[i]), stateName(of[i]/namespaces), func(uint64, uint32) { got++ })
			return want(got == changesOfName, err)
		}
	}},
	{"CometBFT", "add a transaction with three attributes", 100, true, func(p *Player, n int) func(int) error {
		rows := fresh(p, n, txRow)
		return func(i int) error { return p.InsertTxs(rows[i]) }
	}},
	{"CometBFT", "50 amounts of a range", 200, false, func(p *Player, n int) func(int) error {
		of := p.some(n, 500_000*min(p.rows, 1_000_000)/1_000_000)
		return func(i int) error {
			got := 0
			err := p.Amounts(int64(of[i]), 50, func(int64, uint64, uint32) { got++ })
			return want(got == 50, err)
		}
	}},
	{"CometBFT", "50 transactions of an attribute", 200, false, func(p *Player, n int) func(int) error {
		of := p.some(n, p.rows/txsOfSender)
		return func(i int) error {
			got := 0
			err := p.TxsWith(attributeOf(of[i]), 50, func(uint64, uint32) { got++ })
			return want(got == 50, err)
		}
	}},
	{"syncthing", "a file whose version has changed", 100, true, func(p *Player, n int) func(int) error {
		rows := bundles(p, n, 1, p.rows, fileRow)
		for i := range rows {
			rows[i][0].Version = p.rng.Uint64()
		}
		return func(i int) error { return p.PutFiles(rows[i]) }
	}},
	{"syncthing", "who has a block", 300, false, func(p *Player, n int) func(int) error {
		of := p.some(n, p.rows/devices*blocksOfFile)
		return func(i int) error {
			got := 0
			err := p.WhoHas(digest('f', of[i]), func(uint32, string) { got++ })
			return want(got == devices, err)
		}
	}},
	{"syncthing", "50 files that a device needs", 200, false, func(p *Player, n int) func(int) error {
		return func(i int) error {
			got := 0
			err := p.Needed(uint32(i%2*5), 50, func(string, int64) { got++ })
			return want(got == 50, err)
		}
	}},
	{"lnd", "add an invoice", 100, true, func(p *Player, n int) func(int) error {
		rows := fresh(p, n, invoiceRow)
		return func(i int) error { return p.InsertInvoices(rows[i]) }
	}},
	{"lnd", "an invoice by its hash", 500, false, func(p *Player, n int) func(int) error {
		of := bundles(p, n, 1, p.rows, invoiceRow)
		return func(i int) error {
			v, err := p.InvoiceByHash(of[i][0].Hash)
			return want(err == nil && v.Number == of[i][0].Number, err)
		}
	}},
	{"lnd", "settle an invoice, or open it again", 100, true, func(p *Player, n int) func(int) error {
		of := p.some(n, p.rows/20)
		return func(i int) error { return p.Settle(uint64(of[i]*20), p.rng.IntN(2) == 0) }
	}},
	{"lnd", "20 open invoices", 60, false, func(p *Player, n int) func(int) error {
		return func(int) error {
			got := 0
			err := p.Open(20, func(*db.Invoice) { got++ })
			return want(got == 20, err)
		}
	}},
	{"lnd", "100 forwarded payments of a span of time", 150, false, func(p *Player, n int) func(int) error {
		of := p.some(n, p.rows-100)
		return func(i int) error {
			got, from := 0, forwardRow(of[i]).At
			err := p.Forwards(from, from.Add(100*time.Second), func(*db.Forward) { got++ })
			return want(got == 100, err)
		}
	}},
	{"lnd", "the 20 channels of a node", 200, false, func(p *Player, n int) func(int) error {
		of := p.some(n, p.rows/edgesOfNode)
		return func(i int) error {
			got := 0
			err := p.EdgesOf(nodeOf(of[i]), func(*db.Edge) { got++ })
			return want(got == edgesOfNode, err)
		}
	}},
}

// Prepare makes what a slice of so many calls needs, which is not to be measured, and
// returns the slice.
func (t *Pattern) Prepare(p *Player, n int) func() error {
	call := t.prepare(p, n)
	return func() error {
		for i := range n {
			if err := call(i); err != nil {
				return fmt.Errorf("%s: %s: %s: %w", p.Name, t.Program, t.Name, err)
			}
		}
		return nil
	}
}
