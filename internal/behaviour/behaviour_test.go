package behaviour_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/storegen/storegen/internal/behaviour"
	"github.com/storegen/storegen/internal/torture/disk"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/leveldb"
	"github.com/storegen/storegen/runtime/engine/memory"
)

// kept is an engine in memory that outlives its Close, as a directory does.
type kept struct{ engine.Engine }

func (kept) Close() error { return nil }

func TestBehaviour(t *testing.T) {
	engines := map[string]func() *behaviour.World{
		"memory": func() *behaviour.World {
			eng := kept{memory.New()}
			return behaviour.NewWorld(func() (engine.Engine, error) { return eng, nil }, func() {})
		},
		"leveldb": func() *behaviour.World {
			d := disk.New(rand.New(rand.NewPCG(1, 2)))
			return behaviour.NewWorld(func() (engine.Engine, error) {
				return leveldb.OpenStorage(d, &leveldb.Options{BlockCache: 1 << 20, WriteBuffer: 1 << 20})
			}, func() { d = d.Crash() })
		},
	}
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		for name, world := range engines {
			t.Run(name, func(t *testing.T) {
				w := world()
				ctx := context.Background()
				datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string { return w.Run(ctx, d) })
			})
		}
	})
}
