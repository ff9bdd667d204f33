package torture

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/storegen/storegen/generated/models"
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
	driven(t, "users", func(ctx context.Context, db *store.DB) (store.Table[models.UserID, users.User], error) {
		s, err := users.Open(ctx, db)
		return s.Table, err
	}, users.KeyOf)
	driven(t, "jobs", func(ctx context.Context, db *store.DB) (store.Table[models.JobID, jobs.Job], error) {
		s, err := jobs.Open(ctx, db)
		return s.Table, err
	}, jobs.KeyOf)
	driven(t, "live queries", func(ctx context.Context, db *store.DB) (store.Table[models.LiveQueryID, live_queries.LiveQuery], error) {
		s, err := live_queries.Open(ctx, db)
		return s.Table, err
	}, live_queries.KeyOf)
	driven(t, "table schemas", func(ctx context.Context, db *store.DB) (store.Table[models.TableSchemaID, table_schemas.TableSchema], error) {
		s, err := table_schemas.Open(ctx, db)
		return s.Table, err
	}, table_schemas.KeyOf)
	driven(t, "stream", func(ctx context.Context, db *store.DB) (store.Table[models.RowID, stream.Row], error) {
		s, err := stream.Open(ctx, db, "app", "clicks")
		return s.Table, err
	}, stream.KeyOf)
	driven(t, "user", func(ctx context.Context, db *store.DB) (store.Table[models.UserRowID, user.Row], error) {
		s, err := user.Open(ctx, db, "app", "notes")
		return s.Table, err
	}, user.KeyOf)
}

func driven[K comparable, V any](t *testing.T, name string, open drive.Opener[K, V], keyOf func(v *V) K) {
	t.Run(name, func(t *testing.T) {
		for i := range *programs {
			for what, engines := range map[string]drive.Engines{"files": onFiles(t.TempDir()), "power cuts": onDisk(*seed + uint64(i))} {
				if err := drive.Run(context.Background(), *seed+uint64(i), 400, open, keyOf, engines); err != nil {
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
