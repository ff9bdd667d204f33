package torture

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/internal/torture/disk"
	"github.com/storegen/storegen/runtime/engine/leveldb"
	"github.com/storegen/storegen/runtime/store"
)

// TestFaults writes on a disk that fails at a random operation, in a random way,
// goes on until nothing can be written any more, cuts the power, opens what is
// left and looks: every synced transaction that was acknowledged is there, none
// is half there, and Verify is clean.
func TestFaults(t *testing.T) {
	rng := rand.New(rand.NewPCG(*seed, 77))
	hit := map[disk.Fault]int{}
	for i := range *faults {
		runSeed := rng.Uint64()
		kind := disk.Fault(i) % disk.Kinds
		wasHit, err := faultOnce(kind, runSeed)
		if err != nil {
			t.Fatalf("fault %d (kind %d, seed %d): %v", i, kind, runSeed, err)
		}
		if wasHit {
			hit[kind]++
		}
	}
	for kind := disk.Torn; kind < disk.Kinds; kind++ {
		if *faults >= 100 && hit[kind] == 0 {
			t.Errorf("no fault of kind %d ever happened", kind)
		}
	}
	t.Logf("faults that happened, by kind: %v", hit)
}

var faultOptions = &leveldb.Options{WriteBuffer: 64 << 10}

// progress is how far a writer came.
type progress struct {
	attempted, acked int
}

func faultOnce(kind disk.Fault, seed uint64) (hit bool, err error) {
	ctx := context.Background()
	var done [writers]progress
	rng := rand.New(rand.NewPCG(seed, 1))
	d := disk.New(rng)
	// Some faults come while the database is made: manifests are switched only
	// when one is opened.
	early := kind == disk.Rename || rng.IntN(8) == 0
	if early {
		d.FailAfter(kind, rng.IntN(12))
	}
	s, err := openDisk(ctx, d)
	if err != nil {
		if !d.Hit() {
			return false, err
		}
		return true, survives(ctx, d.Crash(), seed, done)
	}
	// From here on things may go wrong.
	if !early {
		d.FailAfter(kind, rng.IntN(300))
	}
	var wg sync.WaitGroup
	for n := range writers {
		wg.Go(func() {
			w := newWriter(seed, n)
			p := &done[n]
			for p.attempted < 60 {
				p.attempted++
				if err := w.transact(ctx, s); err != nil {
					return
				}
				p.acked = p.attempted
			}
		})
	}
	wg.Wait()
	// Once a write has failed, none succeeds: not even one that the disk would
	// take.
	failed := done[0].acked < done[0].attempted
	if failed {
		err := s.sys.Users.Put(ctx, &users.User{UserID: "late", Username: "late"})
		if err == nil {
			return false, errors.New("a transaction succeeded after one had failed")
		}
		if !errors.Is(err, store.ErrReadOnly) {
			return false, fmt.Errorf("after a failed write the error is %w, not read-only", err)
		}
	}
	after := d.Crash()
	s.db.Close()
	return d.Hit(), survives(ctx, after, seed, done)
}

func openDisk(ctx context.Context, d *disk.Disk) (*stores, error) {
	eng, err := leveldb.OpenStorage(d, faultOptions)
	if err != nil {
		return nil, err
	}
	s, err := open(ctx, eng)
	if err != nil {
		eng.Close()
	}
	return s, err
}

// survives opens what a crash has left and holds it against what was promised.
func survives(ctx context.Context, d *disk.Disk, seed uint64, done [writers]progress) error {
	s, err := openDisk(ctx, d)
	if err != nil {
		return fmt.Errorf("opening again: %w", err)
	}
	defer s.db.Close()
	if err := clean(ctx, s); err != nil {
		return err
	}
	for n, p := range done {
		if err := check(ctx, s, seed, n, p.acked, p.attempted, true); err != nil {
			return err
		}
	}
	return nil
}
