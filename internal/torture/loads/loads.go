// Package loads is a Load that something goes wrong with: rows that are there before, rows
// that are added, and what must be there then, whatever the engine.
package loads

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/store"
)

// Case is a table of users.
type Case struct {
	Before int // rows that are there
	Added  int // rows that are loaded
	Memory int // bytes that are sorted at once
}

// kept is an engine that stays open when its database is closed.
type kept struct{ engine.Engine }

func (kept) Close() error { return nil }

// keptIngester is kept for an engine that takes sorted pairs.
type keptIngester struct {
	kept
	engine.Ingester
}

// open opens a database of an engine, which stays open. Its clock stands still, so that
// equal rows are equal bytes.
func open(ctx context.Context, eng engine.Engine) (*store.DB, error) {
	stays := engine.Engine(kept{eng})
	if in, ok := eng.(engine.Ingester); ok {
		stays = keptIngester{kept{eng}, in}
	}
	return store.Open(ctx, stays, store.WithClock(store.NewManualClock(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))))
}

// Prepare loads the rows that are there before.
func (c Case) Prepare(ctx context.Context, eng engine.Engine) error {
	return c.load(ctx, eng, 0, c.Before)
}

// Load loads the rows that are added, which lie between them.
func (c Case) Load(ctx context.Context, eng engine.Engine) error {
	return c.load(ctx, eng, 1, c.Added)
}

func (c Case) load(ctx context.Context, eng engine.Engine, part, n int) error {
	db, err := open(ctx, eng)
	if err != nil {
		return err
	}
	_, err = users.Load(ctx, db, func(yield func(*users.User, error) bool) {
		for i := range n {
			id := 2*(i*7919%max(n, 1)) + part // each once, as 7919 is a prime
			u := &users.User{UserID: models.UserID(fmt.Sprintf("u%06d", id)), Username: models.UserName(fmt.Sprintf("name%d", id*31%1_000_003))}
			if id%3 == 0 {
				gone := db.Now().Add(-time.Minute)
				u.DeletedAt = &gone
			}
			if !yield(u, nil) {
				return
			}
		}
	}, store.WithLoadMemory(c.Memory))
	return errors.Join(err, db.Close())
}

// Outcome is what a load has said.
type Outcome int

const (
	Unknown   Outcome = iota // nothing, or that nobody knows
	Loaded                   // all rows are there
	NotLoaded                // none is
)

// OutcomeOf is what the error of a load says.
func OutcomeOf(err error) Outcome {
	switch {
	case err == nil:
		return Loaded
	case errors.Is(err, engine.ErrUnknown):
		return Unknown
	}
	return NotLoaded
}

// Check opens what is left of it: the table is as before, or has all rows, and as the load
// has said. It is whole, and where it is as before it is loaded again.
func (c Case) Check(ctx context.Context, eng engine.Engine, said Outcome) error {
	before, err := c.want(ctx, false)
	if err != nil {
		return err
	}
	after, err := c.want(ctx, true)
	if err != nil {
		return err
	}
	db, err := open(ctx, eng)
	if err != nil {
		return err
	}
	_, err = users.Open(ctx, db)
	if err != nil {
		return err
	}
	v, err := admin.Verify(ctx, db, admin.VerifyOptions{})
	if err == nil && v.Findings > 0 {
		err = fmt.Errorf("verify: %+v", v)
	}
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	got, err := stored(ctx, eng)
	switch {
	case err != nil:
		return err
	case maps.Equal(got, after) && said != NotLoaded:
		return nil
	case said == Loaded || !maps.Equal(got, before):
		return fmt.Errorf("there are %d pairs; before there were %d, and with all rows %d (outcome %d)", len(got), len(before), len(after), said)
	}
	if err := c.Load(ctx, eng); err != nil {
		return fmt.Errorf("loading again: %w", err)
	}
	return c.Check(ctx, eng, Loaded)
}

// want is what is stored before, or after.
func (c Case) want(ctx context.Context, after bool) (map[string]string, error) {
	eng := memory.New()
	defer eng.Close()
	err := c.Prepare(ctx, eng)
	if after && err == nil {
		err = c.Load(ctx, eng)
	}
	if err != nil {
		return nil, err
	}
	return stored(ctx, eng)
}

// stored is all pairs but for the catalog.
func stored(ctx context.Context, eng engine.Engine) (map[string]string, error) {
	out := map[string]string{}
	it := eng.Iterate(ctx, engine.Range{Start: []byte{1}})
	for it.Next() {
		out[string(it.Key())] = string(it.Value())
	}
	return out, it.Close()
}
