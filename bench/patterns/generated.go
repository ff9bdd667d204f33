package patterns

import (
	"context"
	"errors"
	"time"

	"github.com/storegen/storegen/bench/patterns/db"
	"github.com/storegen/storegen/engines/pebble"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/leveldb"
	"github.com/storegen/storegen/runtime/store"
)

var ctx = context.Background()

// generated is the generated tables, as a program would use them.
type generated struct {
	eng compactable
	*db.ChainDB
}

// compactable is an engine that is brought to rest before it is measured.
type compactable interface {
	engine.Engine
	Compact(ctx context.Context, start, end []byte) error
}

func openOnLevel(dir string) (Side, error) {
	eng, err := leveldb.Open(dir, &leveldb.Options{BlockCache: 128 << 20})
	if err != nil {
		return nil, err
	}
	return openOn(eng)
}

func openOnPebble(dir string) (Side, error) {
	eng, err := pebble.Open(dir, &pebble.Options{BlockCache: 128 << 20})
	if err != nil {
		return nil, err
	}
	return openOn(eng)
}

func openOn(eng compactable) (Side, error) {
	opened, err := store.Open(ctx, eng, store.WithoutSync())
	if err != nil {
		return nil, errors.Join(err, eng.Close())
	}
	chain, err := db.OpenChain(ctx, opened)
	if err != nil {
		return nil, errors.Join(err, opened.Close())
	}
	return &generated{eng, chain}, nil
}

func (g *generated) PutAccounts(rows []*db.Account) error {
	if len(rows) == 1 {
		return g.Accounts.Put(ctx, rows[0])
	}
	return g.Accounts.PutMany(ctx, rows)
}

func (g *generated) PutSlots(rows []*db.Slot) error {
	if len(rows) == 1 {
		return g.Slots.Put(ctx, rows[0])
	}
	return g.Slots.PutMany(ctx, rows)
}

func (g *generated) SlotsOf(account db.Hash, visit func(s *db.Slot)) error {
	return g.Slots.ByKey.Account(account).Scan().Each(ctx, func(s *db.Slot) error {
		visit(s)
		return nil
	})
}

func (g *generated) InsertBlocks(rows []*db.Block) error { return g.Blocks.InsertMany(ctx, rows) }

func (g *generated) BlockByHash(hash db.Hash) (*db.Block, error) {
	b, err := g.Blocks.ByHash.Get(ctx, hash)
	return &b, err
}

func (g *generated) PlaceByHash(hash db.Hash) (file uint32, offset uint64, err error) {
	e, err := g.Blocks.ByHash.Entry(ctx, hash)
	return e.File, e.Offset, err
}

func (g *generated) PutStates(rows []*db.State) error { return g.ChainDB.States.PutMany(ctx, rows) }

func (g *generated) States(namespace, from string, n int, visit func(s *db.State)) error {
	return g.ChainDB.States.ByKey.Namespace(namespace).NameFrom(from).Limit(n).Each(ctx, func(s *db.State) error {
		visit(s)
		return nil
	})
}

func (g *generated) PutHistory(rows []*db.Change) error { return g.History.PutMany(ctx, rows) }

func (g *generated) HistoryOf(namespace, name string, visit func(block uint64, tx uint32)) error {
	for k, err := range g.History.ByKey.Namespace(namespace).Name(name).Scan().Reverse().Keys(ctx) {
		if err != nil {
			return err
		}
		visit(k.Block, k.Tx)
	}
	return nil
}

func (g *generated) InsertTxs(rows []*db.Tx) error {
	if len(rows) == 1 {
		return g.Txs.Insert(ctx, rows[0])
	}
	return g.Txs.InsertMany(ctx, rows)
}

func (g *generated) Amounts(from int64, n int, visit func(amount int64, height uint64, position uint32)) error {
	for e, err := range g.Txs.ByAmount.Entries(ctx, g.Txs.ByAmount.AmountFrom(from).Limit(n)) {
		if err != nil {
			return err
		}
		visit(e.Amount, e.Height, e.Position)
	}
	return nil
}

func (g *generated) TxsWith(attribute string, n int, visit func(height uint64, position uint32)) error {
	for k, err := range g.Txs.ByAttribute.Attributes(attribute).Limit(n).Keys(ctx) {
		if err != nil {
			return err
		}
		visit(k.Height, k.Position)
	}
	return nil
}

func (g *generated) PutFiles(rows []*db.File) error {
	if len(rows) == 1 {
		return g.Files.Put(ctx, rows[0])
	}
	return g.Files.PutMany(ctx, rows)
}

func (g *generated) WhoHas(block db.Hash, visit func(device uint32, name string)) error {
	for k, err := range g.Files.ByBlock.Blocks(block).Keys(ctx) {
		if err != nil {
			return err
		}
		visit(k.Device, k.Name)
	}
	return nil
}

func (g *generated) Needed(device uint32, n int, visit func(name string, size int64)) error {
	for e, err := range g.Files.ByNeed.Entries(ctx, g.Files.ByNeed.Device(device).Limit(n)) {
		if err != nil {
			return err
		}
		visit(e.Name, e.Size)
	}
	return nil
}

func (g *generated) InsertInvoices(rows []*db.Invoice) error {
	if len(rows) == 1 {
		return g.Invoices.Insert(ctx, rows[0])
	}
	return g.Invoices.InsertMany(ctx, rows)
}

func (g *generated) InvoiceByHash(hash db.Hash) (*db.Invoice, error) {
	i, err := g.Invoices.ByHash.Get(ctx, hash)
	return &i, err
}

func (g *generated) Settle(number uint64, settled bool) error {
	return g.Invoices.Update(ctx, number, func(i *db.Invoice) error {
		i.Settled = settled
		return nil
	})
}

func (g *generated) Open(n int, visit func(i *db.Invoice)) error {
	return g.Invoices.ByOpen.Scan().Limit(n).Each(ctx, func(i *db.Invoice) error {
		visit(i)
		return nil
	})
}

func (g *generated) PutForwards(rows []*db.Forward) error {
	return g.ChainDB.Forwards.PutMany(ctx, rows)
}

func (g *generated) Forwards(from, before time.Time, visit func(f *db.Forward)) error {
	return g.ChainDB.Forwards.ByKey.AtBetween(from, before).Each(ctx, func(f *db.Forward) error {
		visit(f)
		return nil
	})
}

func (g *generated) PutEdges(rows []*db.Edge) error { return g.Edges.PutMany(ctx, rows) }

func (g *generated) EdgesOf(node db.Node, visit func(e *db.Edge)) error {
	return g.Edges.ByKey.Node(node).Scan().Each(ctx, func(e *db.Edge) error {
		visit(e)
		return nil
	})
}

func (g *generated) Rest() error  { return g.eng.Compact(ctx, nil, nil) }
func (g *generated) Close() error { return g.DB.Close() }
