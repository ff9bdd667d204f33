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
	engines := map[string]func() behaviour.Engines{
		"memory": func() behaviour.Engines {
			eng := kept{memory.New()}
			return behaviour.Engines{
				Open:  func() (engine.Engine, error) { return eng, nil },
				Crash: func() {},
				Erase: func() { eng = kept{memory.New()} },
			}
		},
		"leveldb": func() behaviour.Engines {
			empty := func() *disk.Disk { return disk.New(rand.New(rand.NewPCG(1, 2))) }
			d := empty()
			return behaviour.Engines{
				Open: func() (engine.Engine, error) {
					return leveldb.OpenStorage(d, &leveldb.Options{BlockCache: 1 << 20, WriteBuffer: 1 << 20})
				},
				Crash: func() { d = d.Crash() },
				Erase: func() { d = empty() },
			}
		},
	}
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		for name, engines := range engines {
			t.Run(name, func(t *testing.T) {
				w := behaviour.NewWorld(engines())
				ctx := context.Background()
				datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string { return w.Run(ctx, d) })
			})
		}
	})
}
