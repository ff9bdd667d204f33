package torture

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/system/namespaces"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/leveldb"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/engine/occ"
	"github.com/storegen/storegen/runtime/store"
)

// engines are what histories are recorded on.
var engines = map[string]func(t *testing.T) engine.Engine{
	"memory": func(*testing.T) engine.Engine { return memory.New() },
	"leveldb": func(t *testing.T) engine.Engine {
		e, err := leveldb.Open(t.TempDir(), nil)
		if err != nil {
			t.Fatal(err)
		}
		return e
	},
}

// broken is an engine that does not check for conflicts: the checkers have to
// see what comes of it.
func broken() engine.Engine {
	return memory.NewWithOptions(occ.Options{UnsafeSkipValidation: true})
}

// request is an operation on one row, response what came of it. The row's value
// is its name, "" where there is none.
type request struct {
	op    string // get, put, insert, delete, update
	loop  bool   // a get or an update is done within a walk over all rows
	key   int
	value string // to write; update appends it
}

type response struct {
	value string // what get and update found
	done  bool   // whether insert and update did anything
}

// rowModel is what one row does.
var rowModel = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		parts := map[int][]porcupine.Operation{}
		for _, o := range history {
			k := o.Input.(request).key
			parts[k] = append(parts[k], o)
		}
		var out [][]porcupine.Operation
		for _, p := range parts {
			out = append(out, p)
		}
		return out
	},
	Init: func() any { return "" },
	Step: func(state, input, output any) (bool, any) {
		now, in, out := state.(string), input.(request), output.(response)
		switch in.op {
		case "get":
			return out.value == now, now
		case "put":
			return true, in.value
		case "insert":
			if out.done {
				return now == "", in.value
			}
			return now != "", now
		case "delete":
			return true, ""
		}
		if out.done { // update
			return now != "" && out.value == now, now + in.value
		}
		return now == "", now
	},
}

// perform does one operation.
func perform(ctx context.Context, st *namespaces.Store, in request) (out response, err error) {
	id := models.NamespaceID(fmt.Sprintf("n%d", in.key))
	if in.loop {
		return performLoop(ctx, st, in)
	}
	switch in.op {
	case "get":
		var row namespaces.Namespace
		row, err = st.Get(ctx, id)
		out.value = row.Name
		if errors.Is(err, store.ErrNotFound) {
			err = nil
		}
	case "put":
		err = st.Put(ctx, &namespaces.Namespace{NamespaceID: id, Name: in.value})
	case "insert":
		err = st.Insert(ctx, &namespaces.Namespace{NamespaceID: id, Name: in.value})
		out.done = err == nil
		if errors.Is(err, store.ErrExists) {
			err = nil
		}
	case "delete":
		_, err = st.Delete(ctx, id)
	case "update":
		err = st.Update(ctx, id, func(v *namespaces.Namespace) error {
			out.value = v.Name
			runtime.Gosched() // so that others come in between, also on one processor
			v.Name += in.value
			return nil
		})
		out.done = err == nil
		if errors.Is(err, store.ErrNotFound) {
			out.value, err = "", nil
		}
	}
	return out, err
}

// record lets clients work on a few rows at once and returns what they did and
// saw, while a sweeper and a verification run.
func recordRows(t *testing.T, eng engine.Engine, seed uint64, clients, each, rows int, opts ...store.Option) []porcupine.Operation {
	t.Helper()
	ctx := context.Background()
	s, err := open(ctx, eng, opts...)
	if err != nil {
		t.Fatal(err)
	}
	defer s.db.Close()
	stop := disturb(ctx, t, s)
	defer stop()
	start := time.Now()
	var value atomic.Int64
	all := make([][]porcupine.Operation, clients)
	var wg sync.WaitGroup
	for c := range clients {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(seed, uint64(c)))
			ops := []string{"get", "get", "put", "insert", "delete", "update", "update"}
			for range each {
				in := request{op: ops[rng.IntN(len(ops))], key: rng.IntN(rows), value: fmt.Sprintf("%d,", value.Add(1))}
				in.loop = (in.op == "get" || in.op == "update") && rng.IntN(2) == 0
				o := porcupine.Operation{ClientId: c, Input: in, Call: int64(time.Since(start))}
				out, err := perform(ctx, &s.sys.Namespaces, in)
				o.Output, o.Return = out, int64(time.Since(start))
				s.ended()
				if err != nil {
					t.Errorf("%s: %v", in.op, err)
					return
				}
				all[c] = append(all[c], o)
			}
		})
	}
	wg.Wait()
	var history []porcupine.Operation
	for _, ops := range all {
		history = append(history, ops...)
	}
	return history
}

// disturb runs a sweeper and a verification again and again until it is stopped, each time
// that a transaction has ended: on one processor, where others run only when it lets them,
// it would take nearly all of the time without that. What they say is an error of the test.
func disturb(ctx context.Context, t *testing.T, s *stores) (stop func()) {
	quit := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-quit:
				return
			case <-s.moved:
			}
			if _, err := admin.Sweep(ctx, s.db, 10); err != nil {
				t.Errorf("sweep: %v", err)
				return
			}
			if err := clean(ctx, s); err != nil {
				t.Errorf("verify: %v", err)
				return
			}
		}
	})
	return func() {
		close(quit)
		wg.Wait()
	}
}

// TestLinearizable records histories of single-row operations and has porcupine
// look for an order of them that explains what each saw.
func TestLinearizable(t *testing.T) {
	for name, open := range engines {
		t.Run(name, func(t *testing.T) {
			for i := range *histories {
				h := recordRows(t, open(t), *seed+uint64(i), 6, 60, 3)
				if r := porcupine.CheckOperationsTimeout(rowModel, h, time.Minute); r != porcupine.Ok {
					t.Fatalf("history %d of %d operations: %s", i, len(h), r)
				}
			}
		})
	}
}

// TestLinearizableBlind is the same for a table whose puts do not read.
func TestLinearizableBlind(t *testing.T) {
	namespaces.Desc.Blind = true // for as long as no other test runs
	defer func() { namespaces.Desc.Blind = false }()
	TestLinearizable(t)
}

// TestLinearizableCatches makes sure that the check above can fail.
func TestLinearizableCatches(t *testing.T) {
	for i := range 200 {
		h := recordBroken(t, uint64(i))
		if porcupine.CheckOperationsTimeout(rowModel, h, time.Minute) == porcupine.Illegal {
			return
		}
	}
	t.Error("200 histories of an engine that does not check for conflicts, and none was found wrong")
}

// recordBroken is recordRows on a broken engine, where Verify has reason to
// complain and is left out.
func recordBroken(t *testing.T, seed uint64) []porcupine.Operation {
	t.Helper()
	ctx := context.Background()
	s, err := open(ctx, broken())
	if err != nil {
		t.Fatal(err)
	}
	defer s.db.Close()
	start := time.Now()
	all := make([][]porcupine.Operation, 8)
	var wg sync.WaitGroup
	for c := range all {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(seed, uint64(c)))
			for i := range 100 {
				in := request{op: []string{"get", "update", "put"}[min(2, rng.IntN(12))%3], key: 0, value: fmt.Sprintf("%d.%d,", c, i)}
				if i == 0 {
					in.op = "put"
				}
				o := porcupine.Operation{ClientId: c, Input: in, Call: int64(time.Since(start))}
				out, err := perform(ctx, &s.sys.Namespaces, in)
				if err != nil {
					t.Errorf("%s: %v", in.op, err)
					return
				}
				o.Output, o.Return = out, int64(time.Since(start))
				all[c] = append(all[c], o)
			}
		})
	}
	wg.Wait()
	var history []porcupine.Operation
	for _, ops := range all {
		history = append(history, ops...)
	}
	return history
}
