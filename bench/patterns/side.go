package patterns

import (
	"time"

	"github.com/storegen/storegen/bench/patterns/db"
)

// Side is one way to keep the tables. What a method visits is valid until visit returns,
// and texts and bytes in it may be kept. Batches are one commit; none is synced.
type Side interface {
	// PutAccounts and PutSlots write rows whether they are there or not.
	PutAccounts(rows []*db.Account) error
	PutSlots(rows []*db.Slot) error
	// SlotsOf visits the slots of an account.
	SlotsOf(account db.Hash, visit func(s *db.Slot)) error

	InsertBlocks(rows []*db.Block) error
	BlockByHash(hash db.Hash) (*db.Block, error)
	// PlaceByHash is where a block is, by its hash.
	PlaceByHash(hash db.Hash) (file uint32, offset uint64, err error)
	PutStates(rows []*db.State) error
	// States visits up to n states of a namespace from a name on.
	States(namespace, from string, n int, visit func(s *db.State)) error
	PutHistory(rows []*db.Change) error
	// HistoryOf visits the changes of a name, the last one first.
	HistoryOf(namespace, name string, visit func(block uint64, tx uint32)) error

	InsertTxs(rows []*db.Tx) error
	// Amounts visits up to n amounts from one on, with the transactions that have them.
	Amounts(from int64, n int, visit func(amount int64, height uint64, position uint32)) error
	// TxsWith visits up to n transactions that have an attribute.
	TxsWith(attribute string, n int, visit func(height uint64, position uint32)) error

	PutFiles(rows []*db.File) error
	// WhoHas visits the files that hold a block.
	WhoHas(block db.Hash, visit func(device uint32, name string)) error
	// Needed visits up to n files that a device needs, with their sizes.
	Needed(device uint32, n int, visit func(name string, size int64)) error

	InsertInvoices(rows []*db.Invoice) error
	InvoiceByHash(hash db.Hash) (*db.Invoice, error)
	// Settle says whether an invoice is settled, in one transaction with looking it up.
	Settle(number uint64, settled bool) error
	// Open visits the invoices that are not settled, up to n, the oldest first.
	Open(n int, visit func(i *db.Invoice)) error
	PutForwards(rows []*db.Forward) error
	// Forwards visits those from one time on and before another.
	Forwards(from, before time.Time, visit func(f *db.Forward)) error
	PutEdges(rows []*db.Edge) error
	EdgesOf(node db.Node, visit func(e *db.Edge)) error

	// Rest finishes what the engine does in the background.
	Rest() error
	Close() error
}
