package admin

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/storegen/storegen/runtime/errs"
)

// SweepOptions says how often a background sweeper works and how much it does.
type SweepOptions struct {
	// Every is the time between two sweeps; the default is a minute.
	Every time.Duration
	// Rate is the most rows that are removed in one such time; 0 is no bound.
	Rate int
	// Report, if set, gets what each sweep did.
	Report func(Swept, error)
}

// StartSweeper sweeps in the background, by the clock of the database, until
// ctx ends or the function it returns is called, which waits for the end of a
// sweep that is under way. An error of one sweep does not end the next.
func StartSweeper(ctx context.Context, of Database, o SweepOptions) (stop func()) {
	db := of.Internal()
	if o.Every <= 0 {
		o.Every = time.Minute
	}
	ctx, cancel := context.WithCancel(ctx)
	var done sync.WaitGroup
	done.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-db.Clock.After(o.Every):
			}
			swept, err := Sweep(ctx, of, o.Rate)
			if o.Report != nil {
				o.Report(swept, err)
			}
			if errors.Is(err, errs.ErrClosed) {
				return
			}
		}
	})
	return func() {
		cancel()
		done.Wait()
	}
}
