package bench

import (
	"runtime"
	"runtime/debug"
	"testing"
)

// TestAllocations holds the generated store to what the twin allocates, operation
// by operation: the one cost that hardly varies between runs and machines.
func TestAllocations(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // so that pools keep what they have
	const rows = 3000
	players := map[string]*Player{}
	for _, e := range Entries {
		if e.Name != Twin && e.Name != Generated {
			continue
		}
		p, err := NewPlayer(e, rows, false)
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		players[e.Name] = p
	}
	for i := range Operations {
		op := &Operations[i]
		if op.Sync || op.Wall {
			continue // how much there is depends on who meets whom
		}
		t.Run(op.Name, func(t *testing.T) {
			twin, mine := allocs(t, op, players[Twin]), allocs(t, op, players[Generated])
			excess := mine - twin
			switch op.Name {
			case "EntryByEmail":
				excess-- // an entry holds its columns too, which the twin does not return
			case "NamesFrom50":
				excess -= 3 // the query, which may be kept: the bound, the limit, and what both narrow
			}
			t.Logf("twin %.2f, generated %.2f", twin, mine)
			// A fraction is what pools and growing buffers do now and then.
			if excess > 0.3+twin/100 {
				t.Errorf("the generated store allocates %.2f times for a unit, the twin %.2f times", mine, twin)
			}
		})
	}
}

// allocs is how often a unit of an operation allocates, in the best of some runs.
func allocs(t *testing.T, op *Operation, p *Player) float64 {
	t.Helper()
	if err := p.Rest(); err != nil {
		t.Fatal(err)
	}
	best := -1.0
	for range 3 {
		n, err := op.Prepare(p, max(op.N/100, 20))
		if err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if err := op.Do(p, n); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		if got := float64(after.Mallocs-before.Mallocs) / float64(n); best < 0 || got < best {
			best = got
		}
	}
	return best
}
