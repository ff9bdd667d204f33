package txn

import (
	"context"
	"errors"

	"github.com/storegen/storegen/runtime/engine"
)

// blind is the transaction of a writer that only puts: a batch, which costs less than a
// transaction of the engine, is one of its commits all the same, and cannot conflict.
type blind struct {
	eng   engine.Engine
	batch engine.Batch
	sync  bool
}

// mostBlind is how many bytes a batch may have had whose memory is kept.
const mostBlind = 64 << 10

// beginBlind makes the writer's transaction a batch.
func (w *Writer) beginBlind(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if w.blind == nil {
		w.blind = &blind{eng: w.Db.Eng, batch: w.Db.Eng.NewBatch()}
	}
	w.blind.sync = w.opts.Sync
	w.Tx = w.blind
	return nil
}

// errBlind says that the store has a fault: it reads where it has said that it does not.
var errBlind = errors.New("a blind write cannot read")

func (b *blind) Get(context.Context, []byte) ([]byte, error) { return nil, errBlind }

func (b *blind) GetForUpdate(context.Context, []byte) ([]byte, error) { return nil, errBlind }

func (b *blind) Has(context.Context, []byte) (bool, error) { return false, errBlind }

func (b *blind) GetMany(context.Context, [][]byte, [][]byte) error { return errBlind }

func (b *blind) GetManyForUpdate(context.Context, [][]byte, [][]byte) error { return errBlind }

func (b *blind) Iterate(context.Context, engine.Range) engine.Iterator {
	return failedIterator{errBlind}
}

func (b *blind) Put(key, value []byte) error {
	b.batch.Put(key, value) // Commit says where that was refused
	return nil
}

func (b *blind) Delete(key []byte) error {
	b.batch.Delete(key)
	return nil
}

func (b *blind) Commit(ctx context.Context) (number uint64, err error) {
	defer b.Rollback()
	return 0, b.eng.Write(ctx, b.batch, engine.WriteOptions{Sync: b.sync})
}

func (b *blind) Rollback() error {
	if b.batch.Size() > mostBlind {
		b.batch = b.eng.NewBatch()
	} else {
		b.batch.Reset()
	}
	return nil
}
