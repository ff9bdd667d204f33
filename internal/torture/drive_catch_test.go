package torture

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/storegen/storegen/generated/system/jobs"
	"github.com/storegen/storegen/internal/torture/disk"
	"github.com/storegen/storegen/internal/torture/drive"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/leveldb"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/store"
)

// TestDriveCatches lets power cuts do what none may: take a key out of the middle,
// and take back what was synced. Programs must notice both.
func TestDriveCatches(t *testing.T) {
	open := func(ctx context.Context, db *store.DB) (*jobs.Store, error) {
		return jobs.Open(ctx, db)
	}
	for _, c := range []struct {
		name string
		cut  func(d *disk.Disk) *disk.Disk
		harm func(eng engine.Engine) error
	}{
		{"a lost key", (*disk.Disk).Crash, func(eng engine.Engine) error {
			it := eng.Iterate(context.Background(), engine.Range{Reverse: true, Limit: 1})
			b := eng.NewBatch()
			if it.Next() {
				b.Delete(it.Key())
			}
			if err := it.Close(); err != nil {
				return err
			}
			return eng.Write(context.Background(), b, engine.WriteOptions{})
		}},
		{"all lost", func(*disk.Disk) *disk.Disk { return disk.New(rand.New(rand.NewPCG(1, 1))) }, func(engine.Engine) error { return nil }},
	} {
		t.Run(c.name, func(t *testing.T) {
			caught := 0
			for n := range uint64(5) {
				d := disk.New(rand.New(rand.NewPCG(n, 1)))
				openDisk := func() (engine.Engine, error) { return leveldb.OpenStorage(d, faultOptions) }
				err := drive.Run(context.Background(), n, 400, open, jobs.KeyOf, drive.Engines{
					Open: openDisk, Reopen: func(engine.Engine) (engine.Engine, error) { return openDisk() }, Memory: memory.New(),
					Power: &drive.Power{
						Fail: func(after int) { d.FailAfter(disk.EverAfter, after) },
						Cut: func() (engine.Engine, error) {
							d = c.cut(d)
							eng, err := openDisk()
							if err != nil {
								return nil, err
							}
							return eng, c.harm(eng)
						},
					},
				})
				if err != nil && strings.Contains(err.Error(), "power cut left") {
					caught++
				} else if err != nil {
					t.Error(err)
				}
			}
			if caught < 4 {
				t.Errorf("%d of 5 programs noticed", caught)
			}
		})
	}
}
