package enginetest

import (
	"context"
	"iter"
	"testing"

	"github.com/storegen/storegen/runtime/engine"
)

// testNested: who writes through the engine inside of an exclusive transaction of its own
// is told so, and nothing hangs. Reads go on as ever.
func testNested(t *testing.T, e engine.Engine) {
	put(t, e, "a", "1")
	into := func(o engine.TxOptions) func() error {
		return func() error {
			return Update(ctx, e, o, func(ctx context.Context, tx engine.Tx) error {
				return tx.Put([]byte("b"), []byte("nested"))
			})
		}
	}
	writes := map[string]func() error{
		"Write": func() error {
			b := e.NewBatch()
			b.Put([]byte("b"), []byte("nested"))
			return e.Write(ctx, b, engine.WriteOptions{})
		},
		"Update":           into(engine.TxOptions{}),
		"a short one":      into(engine.TxOptions{Hint: mayConflict}),
		"one of points":    into(engine.TxOptions{Hint: mayDiffer(true)}),
		"an exclusive one": into(engine.TxOptions{Exclusive: true}),
		"Begin and Commit": func() error {
			tx, err := e.Begin(ctx, engine.TxOptions{})
			if err != nil {
				return err
			}
			defer tx.Rollback()
			if err := tx.Put([]byte("b"), []byte("nested")); err != nil {
				return err
			}
			return commit(tx)
		},
		"an exclusive Begin": func() error {
			tx, err := e.Begin(ctx, engine.TxOptions{Exclusive: true})
			if err == nil {
				err = tx.Rollback()
			}
			return err
		},
	}
	// pulled runs fn in a loop that iter.Pull has made, which is a goroutine of its own.
	pulled := func(fn func() error) error {
		next, stop := iter.Pull(func(yield func(error) bool) { yield(fn()) })
		defer stop()
		err, _ := next()
		return err
	}
	for name, write := range writes {
		for how, run := range map[string]func(func() error) error{"": func(fn func() error) error { return fn() }, ", pulled": pulled} {
			t.Run(name+how, func(t *testing.T) {
				must(t, "Update", Update(ctx, e, engine.TxOptions{Exclusive: true}, func(ctx context.Context, tx engine.Tx) error {
					must(t, "Put", tx.Put([]byte("a"), []byte("2")))
					wantErr(t, "the write", run(write), engine.ErrNested)
					wantGet(t, e, "a", "1")
					wantGet(t, tx, "a", "2")
					must(t, "an Update that only reads", Update(ctx, e, engine.TxOptions{}, func(ctx context.Context, tx engine.Tx) error {
						wantGet(t, tx, "a", "1")
						return nil
					}))
					return nil
				}))
				wantWalk(t, "afterwards", e, span("", ""), "a=2")
				put(t, e, "a", "1")
				// Pulled the other way: the transaction is in the loop, which stands still.
				next, stop := iter.Pull(func(yield func(struct{}) bool) {
					must(t, "Update", Update(ctx, e, engine.TxOptions{Exclusive: true}, func(ctx context.Context, tx engine.Tx) error {
						yield(struct{}{})
						return nil
					}))
				})
				next()
				wantErr(t, "the write while a transaction is pulled", write(), engine.ErrNested)
				stop()
				// Once it has ended, the same goroutine may write.
				must(t, "the write afterwards", write())
				del(t, e, "b")
			})
		}
	}
}
