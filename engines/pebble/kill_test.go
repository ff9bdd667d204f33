package pebble_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/storegen/storegen/engines/pebble"
)

const victim = "PEBBLE_TEST_VICTIM"

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
