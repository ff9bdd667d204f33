package explain

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/system/jobs"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/describe"
	"github.com/storegen/storegen/schema/load"
)

func loaded(t *testing.T, dir string) *schema.Set {
	t.Helper()
	set, err := load.Schemas(&load.Config{Schemas: dir, Lock: filepath.Join(dir, "storegen.lock")})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// stored returns the keys of a table's first row, as an engine holds them.
func stored(t *testing.T, write func(context.Context, *store.DB) error) []string {
	t.Helper()
	ctx := context.Background()
	eng := memory.New()
	db, err := store.Open(ctx, eng, store.WithClock(store.NewManualClock(time.Date(2029, 1, 1, 0, 0, 0, 0, time.UTC))))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := write(ctx, db); err != nil {
		t.Fatal(err)
	}
	var out []string
	it := eng.Iterate(ctx, engine.Range{})
	for it.Next() {
		if it.Key()[0] != 0 { // the catalog
			out = append(out, string(it.Key()))
		}
	}
	if err := it.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

var at = exampleOf(kind.Timestamp).Time()

// The bytes are those that a store writes for the same row.
func TestAsStored(t *testing.T) {
	set := loaded(t, "../../schema/tables")
	text := "abc"
	tests := map[string]func(context.Context, *store.DB) error{
		"system.users": func(ctx context.Context, db *store.DB) error {
			st, err := users.Open(ctx, db)
			if err != nil {
				return err
			}
			return st.Insert(ctx, &users.User{UserID: "abc", Username: "ABC", PasswordHash: "x", Role: models.RoleUser, DeletedAt: &at})
		},
		"system.jobs": func(ctx context.Context, db *store.DB) error {
			st, err := jobs.Open(ctx, db)
			if err != nil {
				return err
			}
			name := models.TableName("abc")
			return st.Insert(ctx, &jobs.Job{
				JobID: "abc", JobType: models.JobTypeFlush, NamespaceID: "abc", TableName: &name, Status: models.JobStatusNew,
				CreatedAt: at, FinishedAt: &at, IdempotencyKey: &text, NodeID: "n",
			})
		},
	}
	for name, write := range tests {
		var want []string
		for _, e := range Entries(describe.Table(set.Table(name))) {
			var key []byte
			for _, p := range e.Parts {
				if p.Space {
					key = keys.AppendUvarint(key, 8) // of the first table of a database
				} else {
					key = append(key, p.Bytes...)
				}
			}
			want = append(want, string(key))
		}
		slices.Sort(want)
		if diff := cmp.Diff(want, stored(t, write)); diff != "" {
			t.Errorf("%s (-explained +stored):\n%s", name, diff)
		}
	}
}

// Every table can be explained, and no part is empty.
func TestEveryKind(t *testing.T) {
	for _, dir := range []string{"../../schema/tables", "../../schema/load/testdata/language", "../internal/kitchen/schema"} {
		for _, table := range loaded(t, dir).Tables {
			entries := Entries(describe.Table(table))
			want := 1 + len(table.Indexes)
			if table.TTL != nil {
				want++
			}
			if len(entries) != want {
				t.Errorf("%s has %d entries, want %d", table.Name, len(entries), want)
			}
			for _, e := range entries {
				for _, p := range e.Parts {
					if (len(p.Bytes) == 0) != p.Space || p.What == "" || p.Hex() == "" {
						t.Errorf("%s, %s: the part %q is empty", table.Name, e.Name, p.What)
					}
				}
			}
		}
	}
}

var update = flag.Bool("update", false, "rewrite the golden file")

// All scalars, up and down, as they are explained. Where a table has many indexes, those of
// a kind stand for all.
func TestGoldenOfKinds(t *testing.T) {
	var b strings.Builder
	for _, table := range loaded(t, "../internal/kitchen/schema").Tables {
		if table.Name != "sink.indexed" && !strings.HasPrefix(table.Name, "sink.local_key") {
			continue
		}
		for _, e := range Entries(describe.Table(table)) {
			if len(table.Indexes) > 0 && !strings.HasSuffix(e.Name, "_down") {
				continue
			}
			fmt.Fprintf(&b, "%s, %s\n", table.Name, e.Name)
			for _, p := range e.Parts {
				fmt.Fprintf(&b, "  %s   %s\n", p.Hex(), p.What)
			}
			fmt.Fprintf(&b, "  = %s\n", e.Value)
		}
	}
	const file = "testdata/kinds.txt"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("%s (-want +got; -update takes it over):\n%s", file, diff)
	}
}

// A descending part is the ascending one with all bits inverted, as package keys
// writes it.
func TestDescending(t *testing.T) {
	tests := []struct {
		kind kind.Kind
		want []byte
	}{
		{kind.Int32, keys.AppendInt32Desc(nil, 100)},
		{kind.Timestamp, keys.AppendTimeDesc(nil, at)},
		{kind.String, keys.AppendStringDesc(nil, "abc")},
		{kind.Bool, keys.AppendBoolDesc(nil, true)},
		{kind.Float64, keys.AppendFloat64Desc(nil, 1.5)},
	}
	for _, test := range tests {
		if got := parts("x", &catalog.Type{Kind: test.kind}, catalog.Options{Desc: true}, true)[0].Bytes; !bytes.Equal(got, test.want) {
			t.Errorf("%s: % X, want % X", test.kind, got, test.want)
		}
	}
}

// Example texts are within the limits of their fields, and of their types.
func TestExampleKeepsLimits(t *testing.T) {
	text := &schema.Type{Kind: kind.String, Max: 8}
	for _, c := range []struct {
		min, max int
		want     string
	}{{0, 0, "abc"}, {5, 0, "abccc"}, {0, 2, "ab"}, {2, 9, "abc"}} {
		f := describe.Field(&schema.Field{Name: "f", Type: text, Min: c.min, Max: c.max})
		if got := parts("f", &f.Type, catalog.Options{}, true)[0].Bytes; string(got) != c.want {
			t.Errorf("from %d to %d: %q, want %q", c.min, c.max, got, c.want)
		}
	}
}
