package torture

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/storegen/storegen/generated/stream"
	"github.com/storegen/storegen/generated/system/jobs"
	"github.com/storegen/storegen/generated/system/live_queries"
	"github.com/storegen/storegen/generated/system/table_schemas"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/generated/user"
	"github.com/storegen/storegen/internal/torture/disk"
	"github.com/storegen/storegen/internal/torture/drive"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/leveldb"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/store"
)

// TestDrive runs random programs on reference tables of all sorts.
func TestDrive(t *testing.T) {
	driven(t, "users", func(ctx context.Context, db *store.DB) (*users.Store, error) {
		return users.Open(ctx, db)
	}, users.KeyOf)
	driven(t, "jobs", func(ctx context.Context, db *store.DB) (*jobs.Store, error) {
		return jobs.Open(ctx, db)
	}, jobs.KeyOf)
	driven(t, "live queries", func(ctx context.Context, db *store.DB) (*live_queries.Store, error) {
		return live_queries.Open(ctx, db)
	}, live_queries.KeyOf)
	driven(t, "table schemas", func(ctx context.Context, db *store.DB) (*table_schemas.Store, error) {
		return table_schemas.Open(ctx, db)
	}, table_schemas.KeyOf)
	driven(t, "stream", func(ctx context.Context, db *store.DB) (*stream.Store, error) {
		return stream.Open(ctx, db, "app", "clicks")
	}, stream.KeyOf)
	driven(t, "user", func(ctx context.Context, db *store.DB) (*user.Store, error) {
		return user.Open(ctx, db, "app", "notes")
	}, user.KeyOf)
}

func driven[K comparable, V any, Q drive.Queries[K, V, Q], S drive.Table[K, V, Q, S]](t *testing.T, name string, open drive.Opener[S], keyOf func(v *V) K) {
	t.Run(name, func(t *testing.T) {
		for i := range *programs {
			for what, engines := range map[string]drive.Engines{"files": onFiles(t.TempDir()), "power cuts": onDisk(*seed + uint64(i))} {
				if err := drive.Run(context.Background(), *seed+uint64(i), *steps, open, keyOf, engines); err != nil {
					t.Errorf("with %s: %v", what, err)
				}
			}
		}
	})
}

// onFiles are engines of a program without power cuts, the first in a folder.
func onFiles(dir string) drive.Engines {
	openDir := func() (engine.Engine, error) { return leveldb.Open(dir, nil) }
	return drive.Engines{
		Open: openDir, Reopen: func(engine.Engine) (engine.Engine, error) { return openDir() }, Memory: memory.New(),
	}
}

// onDisk are engines of a program with power cuts, the first on a simulated disk.
func onDisk(seed uint64) drive.Engines {
	d := disk.New(rand.New(rand.NewPCG(seed, 41)))
	openDisk := func() (engine.Engine, error) { return leveldb.OpenStorage(d, faultOptions) }
	return drive.Engines{
		Open: openDisk, Reopen: func(engine.Engine) (engine.Engine, error) { return openDisk() }, Memory: memory.New(),
		Power: &drive.Power{
			Fail: func(after int) { d.FailAfter(disk.EverAfter, after) },
			Cut: func() (engine.Engine, error) {
				d = d.Crash()
				return openDisk()
			},
		},
	}
}
