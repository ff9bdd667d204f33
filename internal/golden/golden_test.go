package golden_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/storegen/storegen/internal/golden/db/models"
	"github.com/storegen/storegen/internal/golden/db/old"
	"github.com/storegen/storegen/internal/golden/db/old/logs"
	"github.com/storegen/storegen/internal/golden/db/old/things"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/engine/leveldb"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/store/storetest"
)

var (
	ctx   = context.Background()
	write = flag.String("write", "", "write a database as today's code does, as testdata/NAME")
)

// opened is a database with all tables open, and the members of the family by name.
type opened struct {
	db      *store.DB
	tables  map[string]provider.Table
	things  *things.Store
	members []*logs.Store
}

func open(t *testing.T, dir string) *opened {
	t.Helper()
	eng, err := leveldb.Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	// Nothing has expired at that time.
	db, err := store.Open(ctx, eng, store.WithClock(store.NewManualClock(storetest.Start.Add(-1000*time.Hour))))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		if err := eng.Close(); err != nil {
			t.Error(err)
		}
	})
	group, err := old.Open(ctx, db)
	if err != nil {
		t.Fatal(err)
	}
	o := &opened{db: db, things: &group.Things, tables: map[string]provider.Table{"things": group.Things.Provider()}}
	for i, tenant := range []string{"a", "b/c"} {
		m, err := logs.Open(ctx, db, models.Name(tenant), uint32(i))
		if err != nil {
			t.Fatal(err)
		}
		o.tables["logs of "+tenant] = m.Provider()
		o.members = append(o.members, m)
	}
	return o
}

// text is all that every path of the tables shows, as text.
func (o *opened) text(t *testing.T) string {
	t.Helper()
	var out strings.Builder
	for _, name := range []string{"things", "logs of a", "logs of b/c"} {
		p := o.tables[name]
		def := p.Def()
		for i := range def.Paths {
			fmt.Fprintf(&out, "%s by %s\n", name, def.Paths[i].Name)
			var all []string
			for _, c := range def.Columns {
				all = append(all, c.Name)
			}
			c, err := p.Scan(ctx, &provider.ScanRequest{Path: i, Columns: def.Set(all...)})
			if err != nil {
				t.Fatal(err)
			}
			for c.Next() {
				for col := range def.Columns {
					fmt.Fprintf(&out, " %s=%s", all[col], c.Value(col).JSON())
				}
				out.WriteByte('\n')
			}
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	return out.String()
}

func TestOldDatabases(t *testing.T) {
	if *write != "" {
		writeDatabase(t, filepath.Join("testdata", *write))
		return
	}
	dirs, err := filepath.Glob("testdata/*")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no databases: %v", err)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			at := t.TempDir()
			if err := os.CopyFS(at, os.DirFS(filepath.Join(dir, "db"))); err != nil {
				t.Fatal(err)
			}
			o := open(t, at)
			want, err := os.ReadFile(filepath.Join(dir, "rows.txt"))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(o.text(t), "\n")); diff != "" {
				t.Errorf("rows (-then +now):\n%s", diff)
			}
			if v, err := admin.Verify(ctx, o.db, admin.VerifyOptions{}); err != nil || v.Findings != 0 {
				t.Errorf("verify: %+v, %v", v, err)
			}
		})
	}
}

func writeDatabase(t *testing.T, dir string) {
	rng := rand.New(rand.NewPCG(15, 15))
	o := open(t, filepath.Join(dir, "db"))
	for range 40 {
		var v things.Thing
		storetest.Fill(rng, o.things, &v)
		if err := o.things.Put(ctx, &v); err != nil {
			t.Log(err) // a second holder of a unique value
		}
	}
	for _, m := range o.members {
		for range 10 {
			var v logs.Log
			storetest.Fill(rng, m, &v)
			if err := m.Put(ctx, &v); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "rows.txt"), []byte(o.text(t)), 0o666); err != nil {
		t.Fatal(err)
	}
}
