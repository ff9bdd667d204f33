package torture

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/user"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/store"
)

// The histories here are of lists that transactions append to and read whole, as
// in the checker Elle (Kingsbury and Alvaro, "Elle: Inferring Isolation Anomalies
// from Experimental Observations", 2020): a list that was read tells the order of
// all appends before it, so that the dependencies between transactions are known
// and a cycle among them is proof against serializability.
//
// A list is a run of rows under one user, and an append inserts the row behind
// the last one: both read a range, so phantoms would show.

// action is a step of a transaction.
type action struct {
	list   int
	append int   // the element, or 0 for a read
	read   []int // what was there: before the append, or what was read
	how    int   // by which walk it is read
	at     int   // how many rows the walk has shown when the steps behind this one are done
}

// txn is a transaction that committed, and when it was under way.
type txn struct {
	actions    []action
	began, end time.Duration
}

// recordLists lets clients make transactions at once and returns those that
// committed.
func recordLists(ctx context.Context, eng engine.Engine, seed uint64, clients, each, lists int, verify func(*stores) func()) ([]txn, error) {
	s, err := open(ctx, eng)
	if err != nil {
		return nil, err
	}
	defer s.db.Close()
	if verify != nil {
		defer verify(s)()
	}
	return recordTransactions(ctx, s, seed, clients, each, lists, transactLists)
}

// recordTransactions is recordLists in a database, with transactions of any
// make: transact carries a plan out and returns what it saw.
func recordTransactions(ctx context.Context, s *stores, seed uint64, clients, each, lists int, transact func(context.Context, *stores, []action) ([]action, error)) ([]txn, error) {
	start := time.Now()
	all := make([][]txn, clients)
	errs := make([]error, clients)
	var wg sync.WaitGroup
	for c := range clients {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(seed, uint64(c)))
			for i := range each {
				plan := make([]action, 1+rng.IntN(4))
				for j := range plan {
					plan[j].list, plan[j].how, plan[j].at = rng.IntN(lists), rng.IntN(walkKinds), rng.IntN(4)
					if rng.IntN(2) == 0 {
						plan[j].append = 1 + j + 10*(i+each*c)
					}
				}
				t := txn{began: time.Since(start)}
				if t.actions, errs[c] = transact(ctx, s, plan); errs[c] != nil {
					return
				}
				s.ended()
				t.end = time.Since(start)
				all[c] = append(all[c], t)
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return slices.Concat(all...), nil
}

func transactLists(ctx context.Context, s *stores, plan []action) ([]action, error) {
	var done []action
	err := s.db.Update(ctx, func(tx *store.Tx) error {
		done = slices.Clone(plan) // of this try only
		notes := s.notes.In(tx)
		for i := range done {
			a := &done[i]
			owner := models.UserID(fmt.Sprintf("list%d", a.list))
			a.read = nil
			for row, err := range notes.ByKey.UserID(owner).Scan().All(ctx) {
				if err != nil {
					return err
				}
				var n int
				if _, err := fmt.Sscan(string(row.Fields), &n); err != nil {
					return err
				}
				a.read = append(a.read, n)
			}
			if a.append == 0 {
				continue
			}
			row := &user.Row{UserID: owner, RowID: models.RowID(fmt.Sprintf("%06d", len(a.read))), Fields: fmt.Append(nil, a.append)}
			if err := notes.Insert(ctx, row); err != nil {
				return err
			}
		}
		return nil
	})
	return done, err
}

// serializable looks for an anomaly in a history, and describes the first it
// finds. Strictness is part of it: what ended before another began comes first.
func serializable(history []txn) string {
	// The longest list that was seen tells the order of all elements in it.
	order := map[int][]int{}
	longest := func(list int, seen []int) {
		if len(seen) > len(order[list]) {
			order[list] = seen
		}
	}
	writer := map[int]int{} // element: the transaction that appended it
	for i, t := range history {
		for _, a := range t.actions {
			longest(a.list, a.read)
			if a.append != 0 {
				longest(a.list, append(slices.Clone(a.read), a.append))
				writer[a.append] = i
			}
		}
	}
	edges := make([][]int, len(history))
	edge := func(from, to int) {
		if from != to {
			edges[from] = append(edges[from], to)
		}
	}
	for i, t := range history {
		for _, a := range t.actions {
			seen := a.read
			if a.append != 0 {
				seen = append(slices.Clone(seen), a.append)
			}
			if len(seen) > len(order[a.list]) || !slices.Equal(seen, order[a.list][:len(seen)]) {
				return fmt.Sprintf("list %d was seen as %v and as %v", a.list, seen, order[a.list])
			}
			for _, e := range a.read {
				w, ok := writer[e]
				if !ok {
					return fmt.Sprintf("list %d held %d, which nobody appended", a.list, e)
				}
				edge(w, i) // it was there before
			}
			if len(seen) < len(order[a.list]) {
				edge(i, writer[order[a.list][len(seen)]]) // it came afterwards
			}
		}
	}
	// What every transaction saw of its own must be there at the end.
	for e, w := range writer {
		list := 0
		for _, a := range history[w].actions {
			if a.append == e {
				list = a.list
			}
		}
		if !slices.Contains(order[list], e) {
			return fmt.Sprintf("%d was appended to list %d and is not in it", e, list)
		}
	}
	// In real time: everything that ended comes before what began later. A chain
	// through the moments keeps the number of edges small.
	type moment struct {
		at    time.Duration
		txn   int
		begin bool
	}
	var moments []moment
	for i, t := range history {
		moments = append(moments, moment{t.began, i, true}, moment{t.end, i, false})
	}
	slices.SortFunc(moments, func(a, b moment) int {
		switch {
		case a.at != b.at:
			return int(a.at - b.at)
		case a.begin != b.begin && a.begin:
			return -1 // of one moment: as if they had overlapped
		case a.begin != b.begin:
			return 1
		}
		return 0
	})
	last := -1
	for _, m := range moments {
		if m.begin {
			if last >= 0 {
				edges[last] = append(edges[last], m.txn)
			}
			continue
		}
		node := len(edges)
		edges = append(edges, nil)
		edges[m.txn] = append(edges[m.txn], node)
		if last >= 0 {
			edges[last] = append(edges[last], node)
		}
		last = node
	}
	if cycle := findCycle(edges); cycle != nil {
		return fmt.Sprintf("no order explains transactions %v", cycle)
	}
	return ""
}

// findCycle returns a cycle of a graph, or nil.
func findCycle(edges [][]int) []int {
	state := make([]int, len(edges)) // 0 new, 1 on the path, 2 done
	var path []int
	var visit func(n int) []int
	visit = func(n int) []int {
		state[n] = 1
		path = append(path, n)
		for _, m := range edges[n] {
			switch state[m] {
			case 1:
				return slices.Clone(path[slices.Index(path, m):])
			case 0:
				if c := visit(m); c != nil {
					return c
				}
			}
		}
		state[n] = 2
		path = path[:len(path)-1]
		return nil
	}
	for n := range edges {
		if state[n] == 0 {
			if c := visit(n); c != nil {
				return c
			}
		}
	}
	return nil
}

// TestSerializable records histories of transactions over lists and looks for
// anomalies in them.
func TestSerializable(t *testing.T) {
	for name, open := range engines {
		t.Run(name, func(t *testing.T) {
			for i := range *histories {
				ctx := context.Background()
				h, err := recordLists(ctx, open(t), *seed+uint64(i), 6, 40, 4, func(s *stores) func() { return disturb(ctx, t, s) })
				if err != nil {
					t.Fatal(err)
				}
				if anomaly := serializable(h); anomaly != "" {
					t.Fatalf("history %d of %d transactions: %s", i, len(h), anomaly)
				}
			}
		})
	}
}

// TestSerializableCatches makes sure that the check above can fail.
func TestSerializableCatches(t *testing.T) {
	for i := range 200 {
		h, err := recordLists(context.Background(), broken(), uint64(i), 8, 40, 3, nil)
		if err != nil {
			t.Fatal(err)
		}
		if serializable(h) != "" {
			return
		}
	}
	t.Error("200 histories of an engine that does not check for conflicts, and none was found wrong")
}

// TestSerializableKnows shows the checker anomalies by name.
func TestSerializableKnows(t *testing.T) {
	at := func(began, end time.Duration, actions ...action) txn {
		return txn{actions: actions, began: began, end: end}
	}
	tests := []struct {
		name    string
		history []txn
		ok      bool
	}{
		{"nothing", nil, true},
		{"one after the other", []txn{at(0, 1, action{list: 1, append: 1}), at(2, 3, action{list: 1, read: []int{1}})}, true},
		{"lost update", []txn{at(0, 9, action{list: 1, append: 1}), at(0, 9, action{list: 1, append: 2})}, false},
		{"write skew", []txn{
			at(0, 9, action{list: 1, read: nil}, action{list: 2, append: 1}),
			at(0, 9, action{list: 2, read: nil}, action{list: 1, append: 2}),
			at(10, 11, action{list: 1, read: []int{2}}, action{list: 2, read: []int{1}}),
		}, false},
		{"read of nobody's write", []txn{at(0, 1, action{list: 1, read: []int{5}})}, false},
		{"stale read", []txn{at(0, 1, action{list: 1, append: 1}), at(2, 3, action{list: 1}), at(4, 5, action{list: 1, read: []int{1}})}, false},
		{"overlapping read", []txn{at(0, 3, action{list: 1, append: 1}), at(2, 4, action{list: 1})}, true},
		{"half a transaction", []txn{
			at(0, 9, action{list: 1, append: 1}, action{list: 2, append: 2}),
			at(0, 9, action{list: 1, read: []int{1}}, action{list: 2}),
			at(10, 11, action{list: 2, read: []int{2}}),
		}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := serializable(tt.history); (got == "") != tt.ok {
				t.Errorf("serializable says %q, want it to be fine: %v", got, tt.ok)
			}
		})
	}
}
