package pebble_test

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/storegen/storegen/engines/pebble"
	"github.com/storegen/storegen/internal/torture/loads"
)

const (
	victim     = "PEBBLE_TEST_VICTIM"
	loadVictim = "PEBBLE_TEST_LOAD_VICTIM"
)

// A process that is killed leaves every commit that it was told of, none of them synced.
func TestKilledProcess(t *testing.T) {
	if dir := os.Getenv(victim); dir != "" {
		beKilled(t, dir)
	}
	dir := t.TempDir()
	h := makeNumbered(killedCommits)
	for _, name := range []string{"one", "two"} { // the second finds what the first has left
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilledProcess$")
		cmd.Env = append(os.Environ(), victim+"="+dir)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		acked := 0
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if n, err := strconv.Atoi(strings.TrimPrefix(lines.Text(), "made ")); err == nil {
				acked = n
			}
		}
		if err := cmd.Wait(); err == nil || acked == 0 {
			t.Fatalf("process %s was not killed, or did nothing: %v, %d", name, err, acked)
		}
		n, err := h.read(vfs.Default, dir, pebble.Options{})
		if err != nil || n != acked {
			t.Fatalf("process %s made %d commits; found %d, %v", name, acked, n, err)
		}
	}
}

const killedCommits = 400

// beKilled makes the commits that are missing, half of them the first time, and kills
// itself.
func beKilled(t *testing.T, dir string) {
	h := makeNumbered(killedCommits)
	n, err := h.read(vfs.Default, dir, pebble.Options{})
	if err != nil {
		t.Fatal(err)
	}
	db, err := pebble.Open(dir, &pebble.Options{WriteBuffer: 64 << 10})
	if err != nil {
		t.Fatal(err)
	}
	last := n + (killedCommits-n)/2
	for i := n + 1; i <= last; i++ {
		if err := h.commitWith(db, i, false); err != nil {
			t.Fatal(err)
		}
		fmt.Println("made", i)
	}
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if err := self.Kill(); err != nil {
		t.Fatal(err)
	}
	select {}
}

var killedLoads = []loads.Case{
	{Before: 0, Added: 30_000, Memory: 200_000},
	{Before: 10_000, Added: 30_000, Memory: 200_000},
}

// A process that is killed while it loads, at a random moment, leaves the table as before or
// with all rows, no files of its own, and what can be loaded again.
func TestKilledLoad(t *testing.T) {
	if dir := os.Getenv(victim); dir != "" {
		beKilledLoading(t, dir)
	}
	rng := rand.New(rand.NewPCG(5, 6))
	kills := 6
	if testing.Short() {
		kills = len(killedLoads)
	}
	for i := range kills {
		at, after := i%len(killedLoads), time.Duration(rng.IntN(400))*time.Millisecond
		c, dir, temp := killedLoads[at], t.TempDir(), t.TempDir()
		db := must(pebble.Open(dir, nil))(t)
		if err := errors.Join(c.Prepare(ctx, db), db.Close()); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilledLoad$")
		cmd.Env = append(os.Environ(), victim+"="+dir, loadVictim+"="+strconv.Itoa(at), "TMPDIR="+temp, "TMP="+temp)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		said := loads.Unknown
		for lines := bufio.NewScanner(out); lines.Scan(); {
			switch lines.Text() {
			case "loading":
				time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
			case "loaded":
				said = loads.Loaded
			default:
				t.Fatalf("the process says %q", lines.Text())
			}
		}
		_ = cmd.Wait() // it was killed, so it always has an error
		for _, file := range must(os.ReadDir(temp))(t) {
			// It may have been killed just before a new file had lost its name.
			if info := must(file.Info())(t); runtime.GOOS != "windows" && info.Size() > 0 {
				t.Errorf("a temporary file of %d bytes is left", info.Size())
			}
		}
		db = must(pebble.Open(dir, nil))(t)
		for _, file := range must(os.ReadDir(dir))(t) {
			if strings.HasPrefix(file.Name(), "LOAD-") {
				t.Errorf("%s is left", file.Name())
			}
		}
		if err := errors.Join(c.Check(ctx, db, said), db.Close()); err != nil {
			t.Fatalf("kill %d, after %v: %v", i, after, err)
		}
	}
}

// beKilledLoading loads the rows of a case, and waits to be killed.
func beKilledLoading(t *testing.T, dir string) {
	at, err := strconv.Atoi(os.Getenv(loadVictim))
	if err != nil {
		t.Fatal(err)
	}
	db, err := pebble.Open(dir, &pebble.Options{WriteBuffer: 64 << 10})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("loading")
	if err := killedLoads[at].Load(ctx, db); err != nil {
		t.Fatal(err)
	}
	fmt.Println("loaded")
	select {}
}
