package pebble_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/storegen/storegen/engines/pebble"
	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/leveldb"
	"github.com/storegen/storegen/runtime/store"
)

var dropRows = flag.Int("droprows", 100_000, "rows of the table that BenchmarkDrop drops")

// dropTables are engines whose drops are compared: by is how a table is cleared.
var dropTables = []struct {
	engine, by string
	open       func(dir string) (engine.Engine, error)
}{
	{"leveldb", "batches", func(dir string) (engine.Engine, error) { return leveldb.Open(dir, nil) }},
	{"pebble", "batches", func(dir string) (engine.Engine, error) {
		db, err := pebble.Open(dir, nil)
		return struct{ engine.Engine }{db}, err // which hides that it deletes ranges
	}},
	{"pebble", "ranges", func(dir string) (engine.Engine, error) { return pebble.Open(dir, nil) }},
}

func fillUsers(db *store.DB, n int) error {
	_, err := users.Load(ctx, db, func(yield func(*users.User, error) bool) {
		for i := range n {
			u := &users.User{UserID: models.UserID(fmt.Sprintf("u%08d", i)), Username: models.UserName(fmt.Sprintf("name%08d", i*7919%n))}
			if !yield(u, nil) {
				return
			}
		}
	})
	return err
}

// TestDropTable: a table that is dropped is gone, and what is beside it is not, also after
// opening again.
func TestDropTable(t *testing.T) {
	for _, c := range dropTables {
		t.Run(c.engine+" by "+c.by, func(t *testing.T) {
			dir := t.TempDir()
			for round := range 2 {
				eng, err := c.open(dir)
				if err != nil {
					t.Fatal(err)
				}
				db, err := store.Open(ctx, eng)
				if err == nil && round == 0 {
					err = fillUsers(db, 3000)
					if err == nil { // opened again, so that the table is not this program's any more
						db, err = store.Open(ctx, eng)
					}
					err = errors.Join(err, db.DropTable(ctx, users.Desc.Name))
				}
				if err != nil {
					t.Fatal(err)
				}
				v, err := admin.Verify(ctx, db, admin.VerifyOptions{Found: func(f admin.Finding) { t.Error(f) }})
				if err != nil || v.Rows != 0 {
					t.Errorf("round %d: %d rows: %v", round, v.Rows, err)
				}
				if round == 1 {
					if err := fillUsers(db, 10); err != nil {
						t.Errorf("the name is not free: %v", err)
					}
				}
				if err := db.Close(); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// written is how many bytes the process has given to write so far, where the system tells.
func written() int64 {
	text, _ := os.ReadFile("/proc/self/io")
	for line := range strings.Lines(string(text)) {
		if n, ok := strings.CutPrefix(line, "wchar: "); ok {
			bytes, _ := strconv.ParseInt(strings.TrimSpace(n), 10, 64)
			return bytes
		}
	}
	return 0
}

// cpuTime is the processor time of the process so far in milliseconds, where the system
// tells.
func cpuTime() (ms int64) {
	text, _ := os.ReadFile("/proc/self/stat")
	_, rest, _ := strings.Cut(string(text), ") ")
	for i, field := range strings.Fields(rest) {
		if i == 11 || i == 12 { // of the user and of the system, in hundredths of a second
			ticks, _ := strconv.ParseInt(field, 10, 64)
			ms += 10 * ticks
		}
	}
	return ms
}

// BenchmarkDrop drops a table with an index and closes the database.
func BenchmarkDrop(b *testing.B) {
	for _, c := range dropTables {
		b.Run(c.engine+"_by_"+c.by, func(b *testing.B) {
			var cpu, bytes int64
			for b.Loop() {
				b.StopTimer()
				eng, err := c.open(b.TempDir())
				if err != nil {
					b.Fatal(err)
				}
				db, err := store.Open(ctx, eng)
				if err == nil {
					err = fillUsers(db, *dropRows)
				}
				if err == nil { // as above
					db, err = store.Open(ctx, eng)
				}
				if err != nil {
					b.Fatal(err)
				}
				before, wrote := cpuTime(), written()
				b.StartTimer()
				if err := errors.Join(db.DropTable(ctx, users.Desc.Name), db.Close()); err != nil {
					b.Fatal(err)
				}
				cpu += cpuTime() - before
				bytes += written() - wrote
			}
			b.ReportMetric(float64(cpu)/float64(b.N), "cpu-ms/op")
			b.ReportMetric(float64(bytes)/1e6/float64(b.N), "written-MB/op")
		})
	}
}
