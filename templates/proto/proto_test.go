package proto

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/describe"
	"github.com/storegen/storegen/schema/load"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func loadSet(t *testing.T, dir string) *schema.Set {
	t.Helper()
	set, err := load.Schemas(&load.Config{Schemas: dir, Lock: filepath.Join(dir, "storegen.lock")})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestGolden(t *testing.T) {
	tests := map[string]*schema.Set{
		"reference": loadSet(t, "../../schema/tables"),
		"clashes":   loadSet(t, "testdata/clashes"),
		"maps":      loadSet(t, "testdata/maps"),
		"kinds":     loadSet(t, "../internal/kitchen/schema"), // all scalars in all places
	}
	for name, set := range tests {
		f := FromSet(describe.Set(set), "app.db")
		golden := filepath.Join("testdata", name+".proto")
		got := f.String()
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", golden, diff)
		}
	}
}

func TestUpperSnake(t *testing.T) {
	for name, want := range map[string]string{
		"JobStatus": "JOB_STATUS", "HTTPCode": "HTTP_CODE", "A": "A", "UserID": "USER_ID", "S3Kind": "S3_KIND", "ABC": "ABC", "X1Y": "X1_Y",
	} {
		if got := upperSnake(name); got != want {
			t.Errorf("upperSnake(%q) = %q, want %q", name, got, want)
		}
	}
}
