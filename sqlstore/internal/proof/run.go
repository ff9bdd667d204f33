package proof

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// perWorld is how many queries are asked of one world.
const perWorld = 50

// Seen is what queries were asked, and how they were answered.
type Seen struct {
	Queries  int // with each run of a prepared one
	Ranged   int // with a predicate that has a range
	Prepared int
	Failed   int // those that are an error on both sides
	Empty    int // those without a row
	Planned  int // queries that were explained
	Plans    map[string]int
}

func (s *Seen) add(o Seen) {
	s.Queries += o.Queries
	s.Ranged += o.Ranged
	s.Prepared += o.Prepared
	s.Failed += o.Failed
	s.Empty += o.Empty
	s.Planned += o.Planned
	for k, n := range o.Plans {
		s.Plans[k] += n
	}
}

// Failure is a query that is not answered as SQLite answers it.
type Failure struct {
	Seed     uint64
	Query    *Query // shrunk
	Args     []Value
	Prepared bool
	Diff     string
	Plan     string
	World    string
}

// Error implements error.
func (f *Failure) Error() string {
	sql := f.Query.SQL()
	if f.Prepared {
		sql, _ = f.Query.Prepared()
		sql += "\nwith"
		for _, v := range f.Args {
			sql += " " + text(v, false)
		}
	}
	return fmt.Sprintf("seed %d: %s\n%s\nplan:\n%s%s", f.Seed, sql, f.Diff, f.Plan, f.World)
}

// Queries asks queries of the worlds from a seed on.
func Queries(ctx context.Context, seed uint64, n int, open Opener) (Seen, error) {
	total := Seen{Plans: map[string]int{}}
	for ; total.Queries < n; seed++ {
		w, err := NewWorld(ctx, seed, open)
		if err != nil {
			return total, err
		}
		seen, err := w.ask()
		total.add(seen)
		if closed := w.Close(); err == nil {
			err = closed
		}
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

func (w *World) ask() (Seen, error) {
	g := &gen{Rand: rand.New(rand.NewPCG(w.Seed, 2)), tables: w.Tables}
	seen := Seen{Plans: map[string]int{}}
	for range perWorld {
		g.ranges = 0
		q := g.query()
		runs := 1
		if chance(g.Rand, 3) {
			seen.Prepared++
			runs = 4
			if err := w.prepared(g, q, runs); err != nil {
				return seen, err
			}
		} else if diff := w.differ(q); diff != "" {
			return seen, w.fail(q, diff)
		}
		seen.Queries += runs
		if g.ranges > 0 {
			seen.Ranged += runs
		}
		a := w.Native.Run(q.SQL())
		if a.Err != nil {
			seen.Failed++
			continue
		}
		if len(a.Rows) == 0 {
			seen.Empty++
		}
		seen.count(w.plan(q))
	}
	return seen, nil
}

// differ tells how the answers to a query differ, "" where they do not.
func (w *World) differ(q *Query) string {
	sql, args := q.SQL(), []Value(nil)
	if !spoken(q) {
		sql, args = bound(q)
	}
	return Compare(q, w.Native.Run(sql, args...), w.Ours.Run(sql, args...), w.unlimited(q))
}

// unlimited is the answer without the limit, where that is wanted.
func (w *World) unlimited(q *Query) Answer {
	if !q.Partial || q.Limit == nil {
		return Answer{}
	}
	c := q.clone()
	c.Limit, c.Offset = nil, nil
	sql, args := bound(c)
	return w.Native.Run(sql, args...)
}

// spoken reports whether all literals of a query can be said in SQL itself: what is a cast
// has an affinity, which no literal has.
func spoken(q *Query) bool {
	_, args := q.Prepared()
	return !slices.ContainsFunc(args, func(v *Value) bool {
		s, ok := (*v).(string)
		return ok && !plain(s)
	})
}

// bound is a query with parameters, and their values.
func bound(q *Query) (string, []Value) {
	sql, lits := q.Prepared()
	var args []Value
	for _, v := range lits {
		args = append(args, *v)
	}
	return sql, args
}

// prepared asks a query several times by one statement, with other values each time.
func (w *World) prepared(g *gen, q *Query, runs int) error {
	sql, lits := q.Prepared()
	limits := map[*Value]bool{}
	visit(q, func(c *Query) {
		for _, e := range []*Expr{c.Limit, c.Offset} {
			if e != nil {
				limits[e.Lit] = true
			}
		}
	})
	st, _, err := w.Ours.conn.Prepare(sql)
	if err != nil {
		if diff := w.differ(q); diff != "" {
			return w.fail(q, diff)
		}
		return nil
	}
	defer st.Close()
	for range runs {
		_, args := bound(q)
		got := w.Ours.step(st, args)
		want := w.Native.Run(q.SQL())
		if !spoken(q) {
			want = w.Native.Run(sql, args...)
		}
		got.Columns, want.Columns = nil, nil // they have the literals in them
		if diff := Compare(q, want, got, w.unlimited(q)); diff != "" {
			if once := w.differ(q); once != "" {
				return w.fail(q, once)
			}
			return &Failure{Seed: w.Seed, Query: q, Args: args, Prepared: true, Diff: "prepared, and not asked at once: " + diff, Plan: w.plan(q), World: w.Describe()}
		}
		for _, v := range lits {
			if limits[v] || g.IntN(3) == 0 {
				continue
			}
			if chance(g.Rand, 2) {
				*v = g.near(*v)
			} else {
				t := pick(g.Rand, g.tables)
				*v = g.sample(&t.Columns[g.IntN(len(t.Columns))])
			}
		}
	}
	return nil
}

func (w *World) fail(q *Query, diff string) error {
	small := Shrink(q.clone(), func(c *Query) bool { return w.differ(c) != "" })
	_, args := bound(small)
	return &Failure{Seed: w.Seed, Query: small, Args: args, Prepared: !spoken(small), Diff: w.differ(small), Plan: w.plan(small), World: w.Describe()}
}

// plan is how a query is answered.
func (w *World) plan(q *Query) string {
	sql, args := bound(q)
	if spoken(q) {
		sql, args = q.SQL(), nil
	}
	a := w.Ours.Run("explain query plan "+sql, args...)
	if a.Err != nil {
		return a.Err.Error() + "\n"
	}
	var b strings.Builder
	for _, r := range a.Rows {
		fmt.Fprintf(&b, "  %v\n", r[3])
	}
	return b.String()
}
