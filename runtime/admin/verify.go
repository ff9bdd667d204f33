package admin

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/entity"
	"github.com/storegen/storegen/runtime/internal/layout"
)

// VerifyOptions says how Verify works.
type VerifyOptions struct {
	// Found gets each damage as it is found.
	Found func(Finding)
	// Progress, if set, is called now and then.
	Progress func(Verified)
	// Lookups has each entry and each row looked up, and not only those that differ by
	// their hashes. It takes many times as long, and finds the same but once in 2^64.
	Lookups bool
	// Rate is the most keys that are looked at in a second; 0 is no bound.
	Rate int
}

// Verified is how far a verification has come.
type Verified struct {
	Rows     int // rows read
	Entries  int // entries of indexes and of the order of expiry read
	Findings int
	// Skipped is the number of tables of the catalog that this program has not
	// opened: their rows cannot be read by it.
	Skipped int
}

// Verify reads every row and every index entry of the tables that this program
// has opened once, in one snapshot, and compares them with each other. Each is read once,
// in order, and once more where something is wrong with a table; only what that may be
// is looked up one by one. It needs memory for one row and its entries, and a megabyte,
// and the database goes on serving meanwhile. Damage is no error: it goes to Found, and
// is counted.
func Verify(ctx context.Context, of Database, o VerifyOptions) (Verified, error) {
	db := of.Internal()
	snap, err := db.Eng.Snapshot(ctx)
	if err != nil {
		return Verified{}, err
	}
	v := &verifier{db: db, r: snap, o: o, now: layout.InstantOf(db.Now()), litter: map[string][]uint64{}, dropped: map[uint64]bool{}, unread: map[string]bool{},
		entries: newFingerprints(), expiries: newFingerprints()}
	v.entries.all, v.expiries.all = o.Lookups, o.Lookups
	err = v.run(ctx)
	return v.done, errors.Join(err, snap.Close())
}

type verifier struct {
	db    *entity.DB
	r     engine.Reader
	o     VerifyOptions
	now   layout.Instant
	done  Verified
	steps int

	entries  *fingerprints // of the table that is being verified
	expiries *fingerprints // in the order of expiry, of all tables

	unread  map[string]bool // keys that the engine cannot read
	dropped map[uint64]bool // spaces that are being dropped

	litter map[string][]uint64 // by table or family: parts that wait for being cleared
}

func (v *verifier) found(f Finding) {
	v.done.Findings++
	f.Key = bytes.Clone(f.Key)
	if v.o.Found != nil {
		v.o.Found(f)
	}
}

// step is called for each key: it honours the context and the rate.
func (v *verifier) step(ctx context.Context) error {
	v.steps++
	if v.steps%every != 0 {
		return nil
	}
	if v.o.Progress != nil {
		v.o.Progress(v.done)
	}
	if v.o.Rate <= 0 {
		return ctx.Err()
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-v.db.Clock.After(time.Second * every / time.Duration(v.o.Rate)):
		return nil
	}
}

func (v *verifier) run(ctx context.Context) error {
	spaces, err := v.catalog(ctx)
	if err != nil {
		return err
	}
	for _, space := range sortedSpaces(spaces) {
		t := spaces[space]
		if t == nil {
			v.done.Skipped++
			continue
		}
		if err := v.table(ctx, t); err != nil {
			return err
		}
	}
	if err := v.expiry(ctx, spaces); err != nil {
		return err
	}
	return v.strangers(ctx, spaces)
}

// walk calls visit with each pair of a range, as far as the engine can read it.
func (v *verifier) walk(ctx context.Context, name string, start, end []byte, visit func(key, value []byte) error) error {
	last, own := bytes.Clone(start), false
	err := v.pairs(ctx, start, end, func(key, value []byte) error {
		last = append(last[:0], key...)
		err := visit(key, value)
		own = err != nil
		return err
	})
	if err == nil || own || !errors.Is(err, errs.ErrCorrupt) {
		return err
	}
	v.cannotRead(Finding{Table: name, Key: last, Err: err})
	return nil
}

// cannotRead notes what the engine cannot read, once.
func (v *verifier) cannotRead(f Finding) {
	if v.unread[string(f.Key)] {
		return
	}
	v.unread[string(f.Key)] = true
	f.Fault = FaultUnread
	v.found(f)
}

// pairs calls visit with each pair of a range.
func (v *verifier) pairs(ctx context.Context, start, end []byte, visit func(key, value []byte) error) error {
	it := v.r.Iterate(ctx, engine.Range{Start: start, End: end})
	defer it.Close()
	for it.Next() {
		if err := v.step(ctx); err != nil {
			return err
		}
		if err := visit(it.Key(), it.Value()); err != nil {
			return err
		}
	}
	return it.Close()
}

// every is how many keys are looked at between two looks at the context and the rate.
const every = 256
