package sqlstore_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/storegen/storegen/runtime/engine/leveldb"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/sqlstore"
)

// readme is what the README shows: every line of it stands there.
func readme(ctx context.Context, data string, day time.Time) error {
	eng, err := leveldb.Open(data, nil)
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, eng)
	if err != nil {
		return err
	}
	defer db.Close()
	tables, err := sqlstore.Open(db)
	if err != nil {
		return err
	}
	defer tables.Close()
	rows, err := tables.QueryContext(ctx, `
		SELECT n.name, t.table_name, t.table_type
		FROM system_namespaces AS n JOIN system_tables AS t USING (namespace_id)
		WHERE t.created_at >= ? ORDER BY t.table_name`, day)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var space, table, kind string
		if err := rows.Scan(&space, &table, &kind); err != nil {
			return err
		}
		fmt.Println(space, table, kind)
	}
	return rows.Err()
}

// TestReadme runs what the README shows on the database of the quickstart.
func TestReadme(t *testing.T) {
	data := t.TempDir()
	quickstart := exec.Command("go", "run", "./examples/quickstart", "-dir", data)
	quickstart.Dir = ".."
	if out, err := quickstart.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	printed, err := printed(func() error { return readme(t.Context(), data, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)) })
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, code, _ := strings.Cut(string(text), "eng, err := leveldb.Open(\"data\", nil)\n")
	code, rest, _ := strings.Cut(code, "```")
	source, err := os.ReadFile("readme_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(code) {
		if !strings.Contains(string(source), strings.TrimSpace(line)) {
			t.Errorf("the README has a line that is not tested: %s", line)
		}
	}
	if strings.TrimSpace(code) == "" {
		t.Error("the README opens no database with SQL")
	}
	_, shown, _ := strings.Cut(rest, "```text\n")
	shown, _, _ = strings.Cut(shown, "```")
	if diff := cmp.Diff(printed, shown); diff != "" {
		t.Errorf("the README shows another answer (-printed +shown):\n%s", diff)
	}
}

// printed is what a function prints.
func printed(do func() error) (string, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return "", err
	}
	old := os.Stdout
	os.Stdout = w
	err = do()
	os.Stdout = old
	w.Close()
	var out bytes.Buffer
	_, _ = out.ReadFrom(r)
	return out.String(), err
}
