package torture

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"

	"github.com/storegen/storegen/internal/checks"
	"github.com/storegen/storegen/internal/torture/disk"
	"github.com/storegen/storegen/internal/torture/loads"
	"github.com/storegen/storegen/runtime/engine/leveldb"
)

// envLoad says that the child loads rows.
const envLoad = "TORTURE_LOAD"

var killedLoads = []loads.Case{
	{Before: 0, Added: 20_000, Memory: 200_000},
	{Before: 10_000, Added: 20_000, Memory: 200_000},
}

// childLoad loads the rows of a case, and says when.
func childLoad(dir string, c loads.Case) error {
	eng, err := leveldb.Open(dir, &leveldb.Options{WriteBuffer: 256 << 10})
	if err != nil {
		return err
	}
	fmt.Println("loading")
	if err := c.Load(context.Background(), eng); err != nil {
		return err
	}
	fmt.Println("loaded")
	select {}
}

// TestKillLoad kills a process that loads rows, at a random moment: the table is as before
// or has all, it can be loaded again, and the room of temporary files is free.
func TestKillLoad(t *testing.T) {
	ctx := context.Background()
	rng := rand.New(rand.NewPCG(*seed, 98))
	for i := range *kills {
		c := killedLoads[i%len(killedLoads)]
		after := time.Duration(rng.IntN(500)) * time.Millisecond
		dir, temp := t.TempDir(), t.TempDir()
		eng, err := leveldb.Open(dir, nil)
		if err == nil {
			err = errors.Join(c.Prepare(ctx, eng), eng.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
		said, err := killLoad(dir, temp, i%len(killedLoads), after)
		if err != nil {
			t.Fatal(err)
		}
		files, err := os.ReadDir(temp)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			// It may have been killed just before a new file had lost its name.
			if info, err := file.Info(); err != nil || runtime.GOOS != "windows" && info.Size() > 0 {
				t.Errorf("a temporary file is left: %v, %v", info, err)
			}
		}
		if eng, err = leveldb.Open(dir, nil); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(c.Check(ctx, eng, said), eng.Close()); err != nil {
			t.Fatalf("kill %d (seed %d, after %v, outcome %d): %v", i, *seed, after, said, err)
		}
	}
}

// killLoad runs a process that loads rows, kills it some time after it has begun, and
// returns what it has said.
func killLoad(dir, temp string, c int, after time.Duration) (loads.Outcome, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), envDir+"="+dir, envLoad+"="+fmt.Sprint(c), "TMPDIR="+temp, "TMP="+temp)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	said := 0
	for lines := bufio.NewScanner(out); lines.Scan(); said++ {
		if said == 0 {
			time.AfterFunc(after, func() { cmd.Process.Kill() })
		}
	}
	cmd.Wait() // it was killed, so it always has an error
	if said == 0 {
		return 0, errors.New("the process has not begun to load")
	}
	if said == 2 {
		return loads.Loaded, nil
	}
	return loads.Unknown, nil
}

// TestLoadFaults loads rows on a disk that fails at a random operation, also for want of
// room, and cuts the power then, or does not: the table is as before or has all, and where
// the error does not leave it open, it is as the error says.
func TestLoadFaults(t *testing.T) {
	if checks.Race {
		t.Skip("goleveldb closes a channel that its compaction may be sending to when a write fails, and recovers from that; the race detector reports it now and then")
	}
	rng := rand.New(rand.NewPCG(*seed, 97))
	hit, failed := 0, 0
	for i := range *faults {
		kind, before, at, cut := disk.Fault(i)%disk.Kinds, 400*rng.IntN(2), rng.IntN(150), rng.IntN(2) == 0
		wasHit, said, err := loadFault(loads.Case{Before: before, Added: 3000, Memory: 50_000}, kind, at, cut, rng)
		if err != nil {
			t.Fatalf("fault %d (kind %d, at %d, %d rows before, power cut: %v, seed %d): %v", i, kind, at, before, cut, *seed, err)
		}
		if wasHit {
			hit++
		}
		if said != loads.Loaded {
			failed++
		}
	}
	t.Logf("%d faults happened, and %d loads failed", hit, failed)
	if *faults >= 40 && failed == 0 {
		t.Error("no load failed")
	}
}

func loadFault(c loads.Case, kind disk.Fault, at int, cut bool, rng *rand.Rand) (hit bool, said loads.Outcome, err error) {
	ctx := context.Background()
	d := disk.New(rand.New(rand.NewPCG(rng.Uint64(), 1)))
	options := &leveldb.Options{WriteBuffer: 64 << 10}
	eng, err := leveldb.OpenStorage(d, options)
	if err == nil {
		err = errors.Join(c.Prepare(ctx, eng), eng.Close())
	}
	if err == nil {
		eng, err = leveldb.OpenStorage(d, options)
	}
	if err != nil {
		return false, 0, err
	}
	d.FailAfter(kind, at)
	failed := c.Load(ctx, eng)
	hit, said = d.Hit(), loads.OutcomeOf(failed)
	if failed != nil && !hit {
		return false, 0, failed
	}
	crashed := d.Crash()
	_ = eng.Close() // which may fail as well
	if cut {
		d = crashed
	}
	d.FailAfter(disk.None, 0)
	if eng, err = leveldb.OpenStorage(d, options); err != nil {
		return false, 0, fmt.Errorf("opening again after %v: %w", failed, err)
	}
	if err := errors.Join(c.Check(ctx, eng, said), eng.Close()); err != nil {
		return false, 0, fmt.Errorf("after %v: %w", failed, err)
	}
	return hit, said, nil
}
