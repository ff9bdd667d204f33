package torture

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/engine/leveldb"
	"github.com/storegen/storegen/runtime/engine/memory"
)

var (
	kills      = flag.Int("kills", 6, "how many times the writing process is killed")
	faults     = flag.Int("faults", 40, "how many faults are put below the engine")
	histories  = flag.Int("histories", 1, "how many histories are recorded for each check and engine")
	programs   = flag.Int("programs", 1, "how many random programs are run on each table")
	steps      = flag.Int("steps", 50, "how many steps each of the random programs has")
	rounds     = flag.Int("rounds", 0, "how many modules of made-up schemas are generated, compiled and driven")
	madeTables = flag.Int("made", 6, "how many tables a module of made-up schemas has")
	drives     = flag.Int("drives", 3, "how many random programs run on each of them")
	driveSteps = flag.Int("drivesteps", 300, "how many steps each of those has; four times as many queries are asked")
	seed       = flag.Uint64("seed", 1, "what the random choices follow from")
)

const writers = 3

// The environment of the child process: where it writes, and with which seed.
const (
	envDir  = "TORTURE_DIR"
	envSeed = "TORTURE_SEED"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(envDir); dir != "" {
		var err error
		if c, loads := os.LookupEnv(envLoad); loads {
			var at int
			if at, err = strconv.Atoi(c); err == nil {
				err = childLoad(dir, killedLoads[at])
			}
		} else {
			var seed uint64
			if seed, err = strconv.ParseUint(os.Getenv(envSeed), 10, 64); err == nil {
				err = child(dir, seed)
			}
		}
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// child writes until it is killed. For each transaction that is acknowledged it
// prints the writer's number.
func child(dir string, seed uint64) error {
	ctx := context.Background()
	eng, err := leveldb.Open(dir, &leveldb.Options{WriteBuffer: 256 << 10})
	if err != nil {
		return err
	}
	s, err := open(ctx, eng)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	failed := make(chan error, writers+1)
	go func() {
		for {
			if _, err := admin.Sweep(ctx, s.db, 10); err != nil {
				failed <- err
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	for n := range writers {
		go func() {
			w := newWriter(seed, n)
			for {
				if err := w.transact(ctx, s); err != nil {
					failed <- err
					return
				}
				mu.Lock()
				fmt.Println(n)
				mu.Unlock()
			}
		}()
	}
	return <-failed
}

// TestKill kills a process that writes, at a random moment, and looks at what
// it has left behind. The machine goes on, so that every acknowledged
// transaction must be there, synced or not, and none may be half there. Every third
// is killed while it makes its database, before it writes.
func TestKill(t *testing.T) {
	rng := rand.New(rand.NewPCG(*seed, 99))
	for i := range *kills {
		runSeed := rng.Uint64()
		after := time.Duration(rng.IntN(60)) * time.Millisecond
		if err := killOnce(t.TempDir(), runSeed, after, i%3 == 2); err != nil {
			t.Fatalf("kill %d (seed %d, after %v): %v", i, runSeed, after, err)
		}
	}
}

func killOnce(dir string, seed uint64, after time.Duration, making bool) error {
	ctx := context.Background()
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), envDir+"="+dir, envSeed+"="+strconv.FormatUint(seed, 10))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	if making {
		go killWhileMaking(dir, cmd.Process, after)
	}
	var acked [writers]int
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		n, err := strconv.Atoi(lines.Text())
		if err != nil || n < 0 || n >= writers {
			return fmt.Errorf("the child printed %q", lines.Text())
		}
		if acked[n]++; acked[0]+acked[1]+acked[2] == 1 && !making {
			// The moment is random anyway: it only has to lie within the writing.
			time.AfterFunc(after, func() { cmd.Process.Kill() })
		}
	}
	cmd.Wait() // it was killed, so it always has an error

	eng, err := leveldb.Open(dir, nil)
	if err != nil {
		return fmt.Errorf("opening again: %w", err)
	}
	s, err := open(ctx, eng)
	if err != nil {
		return fmt.Errorf("opening again: %w", err)
	}
	defer s.db.Close()
	if err := clean(ctx, s); err != nil {
		return err
	}
	for n := range writers {
		// The transaction behind the last acknowledged one may have been made, and
		// the one behind that was begun only after its acknowledgement.
		if err := check(ctx, s, seed, n, acked[n], acked[n]+1, false); err != nil {
			return err
		}
	}
	return nil
}

// killWhileMaking kills a process as soon as there is a number of files in its
// directory, or after some time.
func killWhileMaking(dir string, p *os.Process, after time.Duration) {
	files := 1 + int(after/time.Millisecond)%8
	for begun := time.Now(); time.Since(begun) < time.Second; {
		if entries, err := os.ReadDir(dir); err != nil || len(entries) >= files {
			break
		}
	}
	p.Kill()
}

// check holds a writer's rows against its history: they must be those after one
// of the transactions from from to to. After a power cut, what counts is the last
// acknowledged transaction that was synced.
func check(ctx context.Context, s *stores, seed uint64, n, from, to int, powerCut bool) error {
	h, err := newHistory(ctx, memory.New(), seed, n)
	if err != nil {
		return err
	}
	defer h.s.db.Close()
	state, err := h.w.state(ctx, s)
	if err != nil {
		return err
	}
	if err := h.to(ctx, to); err != nil {
		return err
	}
	if powerCut {
		from = h.lastSynced(from)
	}
	ok := slices.Contains(h.states[from:to+1], state)
	if !ok {
		return fmt.Errorf("writer %d: its rows are not those after %d to %d transactions", n, from, to)
	}
	return nil
}
