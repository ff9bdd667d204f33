package store_test

import (
	"fmt"
	"iter"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/stream"
	"github.com/storegen/storegen/generated/system/jobs"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/generated/user"
	"pgregory.net/rapid"
)

// drawWalk is a walk over a query in whose loop other operations are done: writes ahead of
// it and behind, and other walks. It shows what was there when it began.
func drawWalk[K comparable, V any, Q querying[K, V, Q]](rt *rapid.T, t *table[K, V], name string, want func(m *model) []V, build func(s stores) Q, another func() op) op {
	inner := map[int][]op{} // by how many rows were shown
	var within []string
	for at := range rapid.IntRange(1, 3).Draw(rt, "rows with operations") {
		for range rapid.IntRange(0, 5).Draw(rt, "operations") {
			inner[at] = append(inner[at], another())
		}
		within = append(within, names(inner[at]))
	}
	ends := rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(rt, "ends behind")
	how := rapid.SampledFrom([]string{"all", "each", "keys", "pulled"}).Draw(rt, "how")
	shows := func(v V) any {
		if how == "keys" {
			return t.key(&v)
		}
		return v
	}
	// loop goes through what a walk shows. do does an operation.
	loop := func(shown iter.Seq2[any, error], do func(o op) result) (any, error) {
		var out []any
		n := 0
		for v, err := range shown {
			if err != nil {
				return nil, err
			}
			out = append(out, v)
			for _, o := range inner[n] {
				out = append(out, do(o))
			}
			if n++; n == ends {
				break
			}
		}
		return out, nil
	}
	name = fmt.Sprintf("walk (%s) %s, ends behind %d, within: {%s}", how, name, ends, strings.Join(within, " | "))
	return op{name, false, func(m *model) (any, error) {
		rows := want(m)
		return loop(func(yield func(any, error) bool) {
			for _, v := range rows {
				if !yield(shows(v), nil) {
					return
				}
			}
		}, func(o op) result { return o.result(m) })
	}, func(s stores) (any, error) {
		return loop(walkOf(build(s), how), func(o op) result { return resultOf(o.do(s)) })
	}}
}

// walkOf walks a query in one of the ways there are.
func walkOf[K comparable, V any, Q querying[K, V, Q]](q Q, how string) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		switch how {
		case "keys":
			for k, err := range q.Keys(ctx) {
				if !yield(k, err) {
					return
				}
			}
		case "each":
			if err := q.Each(ctx, func(v *V) error {
				if !yield(*v, nil) {
					return errStop
				}
				return nil
			}); err != nil && err != errStop {
				yield(nil, err)
			}
		case "pulled":
			next, stop := iter.Pull2(q.All(ctx))
			defer stop()
			for {
				v, err, more := next()
				if !more || !yield(v, err) {
					return
				}
			}
		default:
			for v, err := range q.All(ctx) {
				if !yield(v, err) {
					return
				}
			}
		}
	}
}

// TestWalkModel fills a table and walks over it in transactions, outside of them and in
// views, with writes and other walks in the loops.
func TestWalkModel(t *testing.T) {
	t.Run("users", func(t *testing.T) {
		walkModel(t, wide(usersModel, func(u *users.User, n string) {
			u.UserID += models.UserID(n)
			u.Username += models.UserName(n)
		}), drawUserQueries)
	})
	t.Run("jobs", func(t *testing.T) {
		walkModel(t, wide(jobsModel, func(j *jobs.Job, n string) {
			j.JobID += models.JobID(n)
			if j.IdempotencyKey != nil {
				*j.IdempotencyKey += n
			}
		}), drawJobQueries)
	})
	t.Run("notes", func(t *testing.T) {
		walkModel(t, wide(notesModel, func(r *user.Row, n string) { r.RowID += models.RowID(n) }), drawNoteQueries)
	})
	t.Run("events", func(t *testing.T) {
		walkModel(t, wide(eventsModel, func(r *stream.Row, n string) { r.RowID += models.RowID(n) }), drawEventQueries)
	})
}

// wide is a table with more keys and unique values: more rows than a walk reads ahead.
func wide[K comparable, V any](t *table[K, V], widen func(v *V, by string)) *table[K, V] {
	w := *t
	w.draw = func(rt *rapid.T) V {
		v := t.draw(rt)
		widen(&v, rapid.SampledFrom([]string{"", "0", "1", "2", "3", "4"}).Draw(rt, "more"))
		return v
	}
	w.drawK = func(rt *rapid.T) K {
		v := w.draw(rt)
		return t.key(&v)
	}
	return &w
}

func walkModel[K comparable, V any, Q querying[K, V, Q]](t *testing.T, of *table[K, V], queries func(rt *rapid.T) []query[K, V, Q]) {
	rapid.Check(t, func(rt *rapid.T) {
		m := &model{now: start, users: map[models.UserID]users.User{}, jobs: map[models.JobID]jobs.Job{},
			notes: map[models.UserRowID]user.Row{}, events: map[models.RowID]stream.Row{}, dead: map[string]string{}}
		suts := []*sut{newSUT(t, "memory"), newSUT(t, "leveldb")}
		run := func(s step) {
			want := s.want(m)
			for _, sut := range suts {
				if diff := gocmp.Diff(want, s.do(sut), equal...); diff != "" {
					rt.Fatalf("%s: %s (-model +store)\n%s", sut.name, s.name, diff)
				}
			}
		}
		one := func(o op) step {
			return step{o.name, func(m *model) any { return o.result(m) }, func(s *sut) any { return resultOf(o.do(s.stores)) }}
		}
		for range rapid.IntRange(5, 40).Draw(rt, "rows") {
			v := of.draw(rt)
			run(one(op{"put", true, func(m *model) (any, error) { return nil, of.write(m, v, false) }, func(s stores) (any, error) {
				v := v
				return nil, of.store(s).Put(ctx, &v)
			}}))
		}
		for range rapid.IntRange(1, 3).Draw(rt, "walks") {
			another := func() op { return drawTableOp(rt, of, queries) }
			q := rapid.SampledFrom(queries(rt)).Draw(rt, "query")
			name, want, build := drawn(rt, of, q)
			walk := drawWalk(rt, of, name, want, build, another)
			switch rapid.IntRange(0, 5).Draw(rt, "where") {
			case 0:
				run(one(walk))
			case 1:
				run(viewOf([]op{walk}))
			default:
				run(txOf([]op{another(), walk, another()}, rapid.Bool().Draw(rt, "fails")))
			}
		}
		for _, s := range suts {
			if err := checkWhole(ctx, s.db); err != nil {
				rt.Fatalf("%s: not whole:\n%v", s.name, err)
			}
			s.db.Close()
		}
	})
}
