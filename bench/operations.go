package bench

import (
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
)

// Operation is something to measure.
type Operation struct {
	Name  string
	Unit  string // what one unit is, where it is not a call
	N     int    // how many units a measurement has by default
	Index bool   // needs an index
	Write bool   // it changes what is stored
	Blobs bool   // of contestants that keep blobs
	Find  bool   // of contestants that look members up by email
	Sync  bool   // on a database whose commits are synced
	Wall  bool   // locks and fsync are the subject: wall time counts too

	do func(p *Player, n int) error
	// before brings the contestant to where the operation begins, and returns how
	// many units there are to do.
	before func(p *Player, n int) (int, error)
}

// Of reports whether a contestant is asked for the operation.
func (op *Operation) Of(e Entry) bool {
	return !(op.Index && e.Floor) && !(op.Sync && e.Memory) && (e.Blobs || !op.Blobs) && (e.Finds || !op.Find)
}

// Prepare makes what n units work on, and returns how many there will be, where
// they come in bundles. It is not part of what is measured.
func (op *Operation) Prepare(p *Player, n int) (int, error) {
	p.prepare(n)
	if op.before == nil {
		return n, nil
	}
	return op.before(p, n)
}

// Do does n units, as many as Prepare has returned.
func (op *Operation) Do(p *Player, n int) error { return op.do(p, n) }

var errWrong = errors.New("wrong answer")

func want(ok bool, err error) error {
	if err == nil && !ok {
		return errWrong
	}
	return err
}

func each(n int, do func() error) error {
	for range n {
		if err := do(); err != nil {
			return err
		}
	}
	return nil
}

// goroutines is how many work in parallel.
const goroutines = 32

// parallel spreads n units over goroutines, one at a time.
func parallel(n int, do func(rng *rand.Rand) error) error {
	var next atomic.Int64
	var failed atomic.Pointer[error]
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(g), 3))
			for next.Add(1) <= int64(n) {
				if err := do(rng); err != nil {
					failed.Store(&err)
					return
				}
			}
		})
	}
	wg.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	return nil
}

func count(n *int) func(*User) { return func(*User) { *n++ } }

// wholeTables makes n rows that of some whole tables.
func wholeTables(p *Player, n int) (int, error) { return max(1, n/p.rows) * p.rows, nil }

// scans reads n rows, in whole tables.
func scans(p *Player, n int, scan func(got *int) error) error {
	for range n / p.rows {
		got := 0
		if err := want(true, scan(&got)); err != nil {
			return err
		}
		if got != p.rows {
			return errWrong
		}
	}
	return nil
}

// Operations are what is measured, in the order in which a pass runs them.
var Operations = []Operation{
	{Name: "Get", N: 20_000, do: func(p *Player, n int) error {
		var u User
		return each(n, func() error { return want(p.c.Get(p.id(), &u)) })
	}},
	{Name: "Has", N: 20_000, do: func(p *Player, n int) error {
		return each(n, func() error { return want(p.c.Has(p.id())) })
	}},
	{Name: "GetMany100", Unit: "100 rows by shuffled keys", N: 200, do: func(p *Player, n int) error {
		ids := make([]string, 100)
		return each(n, func() error {
			for i := range ids {
				ids[i] = p.id()
			}
			got := 0
			err := p.c.GetMany(ids, count(&got))
			return want(got == len(ids), err)
		})
	}},
	{Name: "GetByUsername", N: 10_000, Index: true, do: func(p *Player, n int) error {
		var u User
		return each(n, func() error { return want(p.c.GetByUsername(p.name(), &u)) })
	}},
	{Name: "ScanRole50", Unit: "50 rows by an index", N: 400, Index: true, do: func(p *Player, n int) error {
		return each(n, func() error {
			got := 0
			err := p.c.ScanRole(p.role(), 50, count(&got))
			return want(got == 50, err)
		})
	}},
	{Name: "Page20", Unit: "a page of 20 rows, on through an index", N: 400, Index: true, do: func(p *Player, n int) error {
		role, from := p.role(), ""
		return each(n, func() error {
			got := 0
			next, err := p.c.PageRole(role, 20, from, count(&got))
			if err == nil && got != 20 && next != "" {
				return errWrong
			}
			from = next
			return err
		})
	}},
	{Name: "RoleEmails50", Unit: "50 entries of an index that holds what is asked for", N: 1_000, Index: true, do: func(p *Player, n int) error {
		return each(n, func() error {
			got := 0
			err := p.c.RoleEmails(p.role(), 50, func(string, string) { got++ })
			return want(got == 50, err)
		})
	}},
	{Name: "EntryByEmail", Unit: "an entry that holds what is asked for", N: 20_000, Index: true, Find: true, do: func(p *Player, n int) error {
		return each(n, func() error {
			_, _, found, err := find(p).MemberByEmail(p.email())
			return want(found, err)
		})
	}},
	{Name: "EntryMany100", Unit: "100 such entries", N: 200, Index: true, Find: true, do: func(p *Player, n int) error {
		emails := make([]string, 100)
		return each(n, func() error {
			for i := range emails {
				emails[i] = p.email()
			}
			got := 0
			err := find(p).MembersByEmail(emails, func(string, string) { got++ })
			return want(got == len(emails), err)
		})
	}},
	{Name: "NamesFrom50", Unit: "50 entries of a range of an index, and no rows", N: 1_000, Index: true, Find: true, do: func(p *Player, n int) error {
		return each(n, func() error {
			got, last := 0, ""
			err := find(p).NamesFrom(p.name()[:len("name0")], 50, func(username, _ string) {
				if username > last {
					got, last = got+1, username
				}
			})
			return want(got == 50, err)
		})
	}},
	{Name: "ScanColumns", Unit: "a row", N: 100_000, before: wholeTables, do: func(p *Player, n int) error {
		return scans(p, n, func(got *int) error {
			return p.c.ScanColumns(func(string, string) { *got++ })
		})
	}},
	{Name: "ScanAll", Unit: "a row", N: 100_000, before: wholeTables, do: func(p *Player, n int) error {
		return scans(p, n, func(got *int) error { return p.c.ScanAll(count(got)) })
	}},
	{Name: "PrefixScan100", Unit: "100 rows", N: 400, do: func(p *Player, n int) error {
		return each(n, func() error {
			got := 0
			err := p.c.ScanPrefix(p.id()[:len("user-000000")], count(&got))
			return want(got == 100, err)
		})
	}},
	{Name: "ParallelGet", Unit: "32 goroutines", N: 20_000, Wall: true, do: func(p *Player, n int) error {
		return parallel(n, func(rng *rand.Rand) error {
			var u User
			return want(p.c.Get(p.ids[rng.IntN(len(p.ids))], &u))
		})
	}},
	{Name: "Update", Unit: "moves the entry in the index by role", N: 4_000, Write: true, do: func(p *Player, n int) error {
		return each(n, func() error { return p.c.Update(p.id(), p.role()) })
	}},
	{Name: "Touch", Unit: "an update of a field that no index has", N: 4_000, Write: true, do: func(p *Player, n int) error {
		hashes := []string{hash(-1), hash(-2)}
		return each(n, func() error { return p.c.Touch(p.id(), hashes[p.rng.IntN(2)]) })
	}},
	{Name: "ParallelUpdate", Unit: "32 goroutines", N: 4_000, Wall: true, Write: true, do: func(p *Player, n int) error {
		return parallel(n, func(rng *rand.Rand) error {
			return p.c.Update(p.ids[rng.IntN(len(p.ids))], Roles[rng.IntN(len(Roles))])
		})
	}},
	{Name: "Transfer", Unit: "a read-modify-write over two tables", N: 4_000, Write: true, do: func(p *Player, n int) error {
		return each(n, func() error {
			return p.c.Transfer(accountIDs[p.rng.IntN(accountRows)], accountIDs[p.rng.IntN(accountRows)], 1)
		})
	}},
	{Name: "Sweep", Unit: "an expired row", N: 4_000, Index: true, Write: true, do: func(p *Player, n int) error {
		swept, err := p.c.Sweep()
		return want(swept == n, err)
	}, before: func(p *Player, n int) (int, error) {
		ss := make([]*Session, n)
		for i := range ss {
			ss[i] = SessionRow(i, true)
		}
		return n, inBatches(ss, p.c.AddSessions)
	}},
	{Name: "Insert", N: 4_000, Write: true, do: func(p *Player, n int) error {
		return each(n, func() error { return p.c.Insert(p.take(1)[0]) })
	}, before: func(p *Player, n int) (int, error) {
		p.grow(n)
		return n, nil
	}},
	{Name: "InsertBatch100", Unit: "100 rows in one commit", N: 40, Write: true, do: func(p *Player, n int) error {
		return each(n, func() error { return p.c.InsertBatch(p.take(100)) })
	}, before: func(p *Player, n int) (int, error) {
		p.grow(100 * n)
		return n, nil
	}},
	{Name: "PutBlob", Unit: "a row that is written without a look at what is there", N: 8_000, Blobs: true, Write: true, do: func(p *Player, n int) error {
		to := p.c.(Blobber)
		return each(n, func() error { return to.PutBlobs(p.takeBlobs(1)) })
	}, before: (*Player).makeBlobs},
	{Name: "PutBlobs100", Unit: "100 such rows in one commit", N: 80, Blobs: true, Write: true, do: func(p *Player, n int) error {
		to := p.c.(Blobber)
		return each(n, func() error { return to.PutBlobs(p.takeBlobs(100)) })
	}, before: (*Player).makeBlobs},
	// What was inserted last goes again.
	{Name: "Delete", N: 8_000, Write: true, do: func(p *Player, n int) error {
		return each(n, func() error { return p.c.Delete(p.take(1)[0].ID) })
	}, before: func(p *Player, n int) (int, error) {
		if missing := n - (p.next - p.rows); missing > 0 {
			p.grow(missing)
			if err := inBatches(p.fresh, p.c.InsertBatch); err != nil {
				return 0, err
			}
		}
		p.shrink(n)
		return n, nil
	}},
	{Name: "UpdateSync", Unit: "each commit on stable storage", N: 100, Sync: true, Wall: true, Write: true, do: func(p *Player, n int) error {
		return each(n, func() error { return p.c.Update(p.id(), p.role()) })
	}},
	{Name: "LockedUpdateSync", Unit: "a parallel update, behind one lock over the whole store", N: 200, Sync: true, Wall: true, Write: true, do: func(p *Player, n int) error {
		var mu sync.Mutex
		return parallel(n, func(rng *rand.Rand) error {
			mu.Lock()
			defer mu.Unlock()
			return p.c.Update(p.ids[rng.IntN(len(p.ids))], Roles[rng.IntN(len(Roles))])
		})
	}},
	{Name: "ParallelUpdateSync", Unit: "32 goroutines, each commit on stable storage", N: 1_000, Sync: true, Wall: true, Write: true, do: func(p *Player, n int) error {
		return parallel(n, func(rng *rand.Rand) error {
			return p.c.Update(p.ids[rng.IntN(len(p.ids))], Roles[rng.IntN(len(Roles))])
		})
	}},
}

// OperationNamed is the operation of a name, or nil.
func OperationNamed(name string) *Operation {
	for i := range Operations {
		if Operations[i].Name == name {
			return &Operations[i]
		}
	}
	return nil
}

// accountRows is how many accounts and counters there are.
const accountRows = 1000

var accountIDs = func() (ids []string) {
	for i := range accountRows {
		ids = append(ids, AccountID(i))
	}
	return ids
}()
