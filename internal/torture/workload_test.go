package torture

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"runtime"
	"strings"
	"time"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/stream"
	"github.com/storegen/storegen/generated/system"
	"github.com/storegen/storegen/generated/system/jobs"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/generated/user"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/store"
)

// noon is where the clock of all these databases stands.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// stores is a database with the tables that are written to.
type stores struct {
	db     *store.DB
	sys    *system.DB
	clicks *stream.Store
	notes  *user.Store
	moved  chan struct{} // has something since a transaction has ended: see disturb
}

// ended tells disturb that a transaction has ended.
func (s *stores) ended() {
	select {
	case s.moved <- struct{}{}:
	default:
	}
}

func open(ctx context.Context, eng engine.Engine, opts ...store.Option) (*stores, error) {
	db, err := store.Open(ctx, eng, append(opts, store.WithClock(store.NewManualClock(noon)))...)
	if err != nil {
		return nil, err
	}
	s := &stores{db: db, moved: make(chan struct{}, 1)}
	if s.sys, err = system.Open(ctx, db); err != nil {
		return s, err
	}
	if s.clicks, err = stream.Open(ctx, db, "app", "clicks", store.WithTTL(time.Hour)); err != nil {
		return s, err
	}
	s.notes, err = user.Open(ctx, db, "app", "notes")
	return s, err
}

// writer makes transactions over rows of its own, each following from its seed
// and the ones before: two writers with one seed do the same, on any engine.
type writer struct {
	name string // what all its keys begin with
	rng  *rand.Rand
	step int
	// synced says that the last transaction's success outlasts a power cut, if it
	// has changed anything.
	synced bool
}

func newWriter(seed uint64, n int) *writer {
	return &writer{name: fmt.Sprintf("w%d-", n), rng: rand.New(rand.NewPCG(seed, uint64(n)))}
}

// refused are the outcomes that a transaction may have by what is stored; they
// change nothing.
func refused(err error) bool {
	return errors.Is(err, store.ErrUnique) || errors.Is(err, store.ErrExists) || errors.Is(err, store.ErrNotFound)
}

// transact makes the next transaction.
func (w *writer) transact(ctx context.Context, s *stores) error {
	w.step++
	w.synced = w.rng.IntN(3) > 0
	var opts []store.TxOption
	if !w.synced {
		opts = append(opts, store.NoSync())
	}
	// All choices are made before the function, which may run more than once.
	kind, a, b := w.rng.IntN(8), w.rng.IntN(12), w.rng.IntN(12)
	size := w.rng.IntN(400)
	id := models.UserID(fmt.Sprintf("%su%d", w.name, a))
	job := models.JobID(fmt.Sprintf("%sj%d", w.name, b))
	name := func(n int) models.UserName { return models.UserName(fmt.Sprintf("%sName%d", w.name, n)) }
	at := noon.Add(time.Duration(w.step) * time.Second)
	err := s.sys.Update(ctx, func(tx *system.Tx) error {
		clicks, notes := s.clicks.In(tx.Tx), s.notes.In(tx.Tx)
		switch kind {
		case 0, 1: // a user, a job and a note, or none of them
			u := &users.User{UserID: id, Username: name(b), PasswordHash: strings.Repeat("h", size), Role: models.Role(1 + b%4)}
			if err := tx.Users.Put(ctx, u); err != nil {
				return err
			}
			j := &jobs.Job{JobID: job, JobType: models.JobTypeFlush, NamespaceID: "app", CreatedAt: at, NodeID: fmt.Sprint(w.step)}
			if err := tx.Jobs.Put(ctx, j); err != nil {
				return err
			}
			return notes.Put(ctx, &user.Row{UserID: id, RowID: models.RowID(fmt.Sprint(b)), UpdatedAt: at})
		case 2: // a rename, which may be refused
			return tx.Users.Update(ctx, id, func(u *users.User) error {
				u.Username, u.Role = name(b), models.Role(1+w.step%4)
				return nil
			})
		case 3: // a job moves on
			return tx.Jobs.Update(ctx, job, func(j *jobs.Job) error {
				j.Status, j.StartedAt = models.JobStatus(1+w.step%8), &at
				if j.Status > models.JobStatusRetrying {
					j.FinishedAt = &at
				}
				return nil
			})
		case 4: // a user goes, with all notes
			if _, err := notes.ByKey.UserID(id).Scan().Delete(ctx); err != nil {
				return err
			}
			_, err := tx.Users.Delete(ctx, id)
			return err
		case 5:
			_, err := tx.Jobs.Delete(ctx, job)
			_, second := notes.Delete(ctx, models.UserRowID{User: id, Row: models.RowID(fmt.Sprint(b))})
			return errors.Join(err, second)
		case 6:
			// About a third have expired before they are there: nobody sees them, and
			// sweeps that are under way may take them or not.
			seconds, age := uint32(1000+a*1000), time.Duration(b%3)*5000*time.Second
			return clicks.Put(ctx, &stream.Row{RowID: models.RowID(fmt.Sprintf("%sc%d", w.name, b)), InsertedAt: at.Add(-age), TTLSeconds: &seconds})
		}
		// Many rows at once.
		for i := range 20 {
			if err := clicks.Put(ctx, &stream.Row{RowID: models.RowID(fmt.Sprintf("%sm%d", w.name, i)), UpdatedAt: at, InsertedAt: at}); err != nil {
				return err
			}
		}
		return nil
	}, opts...)
	if refused(err) {
		return nil
	}
	return err
}

// state sums up what a writer's rows are, as the tables show them.
func (w *writer) state(ctx context.Context, s *stores) (uint64, error) {
	h := fnv.New64a()
	note := func(table string, row any, err error) error {
		if err != nil {
			return err
		}
		b, err := json.Marshal(row)
		fmt.Fprintf(h, "%s %s\n", table, b)
		return err
	}
	for u, err := range s.sys.Users.ByKey.UserIDPrefix(w.name).All(ctx) {
		if err := note("user "+u.PasswordHash, u, err); err != nil {
			return 0, err
		}
	}
	for j, err := range s.sys.Jobs.ByKey.JobIDPrefix(w.name).All(ctx) {
		if err := note("job", j, err); err != nil {
			return 0, err
		}
	}
	for c, err := range s.clicks.ByKey.RowIDPrefix(w.name).All(ctx) {
		if err := note("click", c, err); err != nil {
			return 0, err
		}
	}
	for n, err := range s.notes.ByKey.UserIDPrefix(w.name).All(ctx) {
		if err := note("note", n, err); err != nil {
			return 0, err
		}
	}
	return h.Sum64(), nil
}

// history is the states that a writer's transactions lead to, from the empty one
// on, found out on a database that nothing happens to.
type history struct {
	w      *writer
	s      *stores
	states []uint64
	synced []bool // of a state: it differs from the one before, and by a synced transaction
}

func newHistory(ctx context.Context, eng engine.Engine, seed uint64, n int) (*history, error) {
	s, err := open(ctx, eng)
	if err != nil {
		return nil, err
	}
	h := &history{w: newWriter(seed, n), s: s, synced: []bool{true}}
	first, err := h.w.state(ctx, s)
	h.states = []uint64{first}
	return h, err
}

// to makes the history at least n transactions long.
func (h *history) to(ctx context.Context, n int) error {
	for len(h.states) <= n {
		if err := h.w.transact(ctx, h.s); err != nil {
			return err
		}
		state, err := h.w.state(ctx, h.s)
		if err != nil {
			return err
		}
		h.synced = append(h.synced, h.w.synced && state != h.states[len(h.states)-1])
		h.states = append(h.states, state)
	}
	return nil
}

// lastSynced is the last state up to n that outlasts a power cut.
func (h *history) lastSynced(n int) int {
	for !h.synced[n] {
		n--
	}
	return n
}

// clean verifies a database.
func clean(ctx context.Context, s *stores) error {
	var first error
	_, err := admin.Verify(ctx, s.db, admin.VerifyOptions{Progress: func(admin.Verified) { runtime.Gosched() }, Found: func(f admin.Finding) {
		if first == nil {
			first = errors.New(f.String())
		}
	}})
	return errors.Join(err, first)
}
