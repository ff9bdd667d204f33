package store_test

import (
	"encoding/json"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/system/jobs"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/rawstore"
	"github.com/storegen/storegen/runtime/store"
)

// A walk within another shows what was there when it began, not when that did, and its
// end takes nothing from the other.
func TestNestedWalks(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		e.manyUsers(30)
		e.ok(e.db.Update(ctx, func(tx *store.Tx) error {
			in := e.sys.Users.In(tx)
			set := func(hash string) {
				e.ok(in.Update(ctx, "u9", func(u *users.User) error { u.PasswordHash = hash; return nil }))
			}
			walk := func() (last func() string) {
				next, stop := iter.Pull2(in.ByRole.Role(models.RoleUser).All(ctx)) // u9 is the last
				_, err, _ := next()
				e.ok(err)
				return func() (hash string) {
					defer stop()
					for u, err, more := next(); more; u, err, more = next() {
						e.ok(err)
						hash = u.PasswordHash
						same(t, "the row is the last", u.UserID == "u9", hash != "hash")
					}
					return hash
				}
			}
			set("0")
			outer := walk()
			set("1")
			inner := walk()
			set("2")
			innermost := walk()
			set("3")
			same(t, "innermost", innermost(), "2")
			set("4")
			same(t, "inner", inner(), "1")
			same(t, "outer", outer(), "0")
			again := walk()
			set("5")
			same(t, "once all have ended", again(), "4")
			return nil
		}))
	})
}

// What a function of Update changes in place is not what an open walk shows.
func TestWalkBesideUpdateInPlace(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		for i := range 30 {
			u := newUser(models.UserID(fmt.Sprintf("u%02d", i)), models.UserName(fmt.Sprint("n", i)), models.RoleUser)
			u.AuthData = json.RawMessage(`{"a":1}`)
			e.ok(e.sys.Users.Insert(ctx, u))
		}
		for _, within := range []bool{false, true} {
			err := e.db.Update(ctx, func(tx *store.Tx) error {
				in := e.sys.Users.In(tx)
				var next func() (users.User, error, bool)
				var stop func()
				begin := func() {
					next, stop = iter.Pull2(in.ByRole.Role(models.RoleUser).All(ctx))
					next()
				}
				if !within {
					begin()
				}
				e.ok(in.Update(ctx, "u29", func(u *users.User) error {
					if within {
						begin()
					}
					copy(u.AuthData, `{"b":2}`)
					return nil
				}))
				defer stop()
				last := ""
				for u, err, more := next(); more; u, err, more = next() {
					e.ok(err)
					last = string(u.AuthData)
				}
				same(t, fmt.Sprint("the last row, begun within: ", within), last, `{"a":1}`)
				same(t, "the row", string(must(in.Get(ctx, "u29")).AuthData), `{"b":2}`)
				return errStop
			})
			isErr(t, err, errStop)
		}
	})
}

// seenRow is what a cursor without types shows.
type seenRow struct{ Key, Value, Columns, Include string }

// rawWalk returns a function that shows the next row of a scan.
func rawWalk(e *env, raw rawstore.Table, q rawstore.Scan) (next func() (seenRow, bool)) {
	c := must(raw.Scan(ctx, q))
	return func() (seenRow, bool) {
		if !c.Next() {
			e.ok(c.Close())
			return seenRow{}, false
		}
		return seenRow{string(c.Key()), string(c.Value()), string(c.Columns()), string(c.Include())}, true
	}
}

// providerWalk is rawWalk for a provider.
func providerWalk(e *env, p provider.Table, q provider.ScanRequest) (next func() (seenRow, bool)) {
	c := must(p.Scan(ctx, &q))
	return func() (seenRow, bool) {
		if !c.Next() {
			e.ok(c.Close())
			return seenRow{}, false
		}
		r := seenRow{Key: string(c.Key())}
		for _, col := range q.Columns.List() {
			r.Value += fmt.Sprint(c.Value(col), "|")
		}
		return r, true
	}
}

func allOf(next func() (seenRow, bool)) (rows []seenRow) {
	for r, more := next(); more; r, more = next() {
		rows = append(rows, r)
	}
	return rows
}

// Cursors of query engines, opened in a transaction over one run or several, show what
// they would have shown at once, whatever the transaction writes while they are open.
func TestCursorsWhileTheirTransactionWrites(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		rng := rand.New(rand.NewPCG(1, 2))
		table := e.sys.Jobs
		random := func() *jobs.Job {
			j := newJob(models.JobID(fmt.Sprintf("j%02d", rng.IntN(50))), models.JobStatus(1+rng.IntN(4)), start.Add(time.Duration(rng.IntN(9))*time.Hour))
			if rng.IntN(2) == 0 {
				j.TableName = ptr(models.TableName(fmt.Sprint("t", rng.IntN(5))))
			}
			if rng.IntN(2) == 0 {
				j.IdempotencyKey = ptr(fmt.Sprint(j.JobID))
			}
			return j
		}
		for range 40 {
			e.ok(table.Put(ctx, random()))
		}
		for range 200 {
			err := e.db.Update(ctx, func(tx *store.Tx) error {
				in := table.In(tx)
				for range rng.IntN(3) {
					e.ok(in.Put(ctx, random()))
				}
				// Open two walks at once, each beside what it would have shown.
				var walks []func() (seenRow, bool)
				var want, got [][]seenRow
				for range 2 {
					var open func() func() (seenRow, bool)
					if rng.IntN(3) > 0 {
						q := randomScan(e, rng, in)
						open = func() func() (seenRow, bool) { return rawWalk(e, rawstore.Of(in.Handle()), q) }
					} else {
						q := randomRequest(rng, provider.Of(in.Handle()))
						open = func() func() (seenRow, bool) { return providerWalk(e, provider.Of(in.Handle()), q) }
					}
					want = append(want, allOf(open()))
					walks = append(walks, open())
					got = append(got, nil)
				}
				for open := 2; open > 0; {
					for i, next := range walks {
						if next == nil || rng.IntN(2) == 0 {
							continue
						}
						r, more := next()
						if !more {
							walks[i] = nil
							open--
							continue
						}
						got[i] = append(got[i], r)
					}
					switch j := random(); rng.IntN(4) {
					case 0:
						e.ok(second(in.Delete(ctx, j.JobID)))
					case 1:
						e.ok(in.Put(ctx, j))
					}
				}
				for i := range want {
					same(t, fmt.Sprint("walk ", i), got[i], want[i])
				}
				if rng.IntN(2) == 0 {
					return errStop
				}
				return nil
			})
			if err != nil && err != errStop {
				t.Fatal(err)
			}
			if t.Failed() {
				return
			}
		}
	})
}

// randomScan is a walk by the key or an index, over all of it or over runs between
// places that are there.
func randomScan(e *env, rng *rand.Rand, in *jobs.Store) rawstore.Scan {
	q := rawstore.Scan{Index: rng.IntN(len(in.Handle().Desc().Indexes)+1) - 1, NoValues: rng.IntN(3) == 0, Limit: rng.IntN(3)}
	if rng.IntN(3) > 0 {
		var cuts []string
		for _, r := range allOf(rawWalk(e, rawstore.Of(in.Handle()), rawstore.Scan{Index: q.Index, NoValues: true})) {
			if rng.IntN(6) == 0 {
				cuts = append(cuts, r.Columns)
			}
		}
		var runs []rawstore.Range
		for i := 0; i+1 < len(cuts); i += 1 + rng.IntN(2) {
			runs = append(runs, rawstore.Range{Start: []byte(cuts[i]), End: []byte(cuts[i+1])})
		}
		if q.Reverse = rng.IntN(2) == 0; q.Reverse {
			slices.Reverse(runs)
		}
		if len(runs) > 0 {
			q.Start, q.End, q.Then = runs[0].Start, runs[0].End, runs[1:]
		}
	}
	return q
}

// randomRequest asks for the jobs of some states or with some keys, or for all.
func randomRequest(rng *rand.Rand, p provider.Table) provider.ScanRequest {
	q := provider.ScanRequest{Columns: p.Def().All(), Reverse: rng.IntN(2) == 0, Limit: int64(rng.IntN(2) * rng.IntN(20))}
	byStatus := rng.IntN(2) == 0
	if byStatus {
		q.Path = p.Def().PathNamed("status")
	}
	for range rng.IntN(6) {
		v := provider.String(fmt.Sprintf("j%02d", rng.IntN(50)))
		if byStatus {
			v = provider.Enum(nil, int32(1+rng.IntN(4)))
		}
		q.Ranges = append(q.Ranges, provider.KeyRange{Equal: []provider.Value{v}})
	}
	return q
}
