package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// blocks of a page: what is written in one language, in order.
func blocks(t *testing.T, page, lang string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../..", filepath.FromSlash(page)))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, m := range regexp.MustCompile("(?ms)^```"+lang+"\n(.*?)^```$").FindAllStringSubmatch(string(text), -1) {
		found = append(found, m[1])
	}
	return found
}

// A newcomer is a module beside the repository, in which somebody does what a page says.
type newcomer struct {
	*testing.T
	dir string
}

func (n newcomer) write(name, text string) {
	n.Helper()
	path := filepath.Join(n.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		n.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		n.Fatal(err)
	}
}

// do runs a line of a shell: commands with && between them, and a comment. It returns
// what the last of them prints on standard output.
func (n newcomer) do(line string) string {
	n.Helper()
	var out strings.Builder
	line, _, _ = strings.Cut(line, "#")
	for command := range strings.SplitSeq(line, "&&") {
		out.Reset()
		args := strings.Fields(command)
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir = n.dir
		cmd.Env = append(os.Environ(), "GOWORK=off")
		var errors strings.Builder
		cmd.Stdout, cmd.Stderr = &out, &errors
		if err := cmd.Run(); err != nil {
			n.Fatalf("%s: %v\n%s%s", command, err, out.String(), errors.String())
		}
	}
	return out.String()
}

// begin runs the block of a page by which a module begins: "go get -tool", which asks for
// a published version, is replaced by the block of the README for a clone, which is this one.
func (n newcomer) begin(block string) {
	n.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		n.Fatal(err)
	}
	const get = "go get -tool github.com/storegen/storegen/cmd/storegen@latest\n"
	if !strings.Contains(block, get) {
		n.Fatalf("the page does not say %s", get)
	}
	clone := strings.Replace(blocks(n.T, "README.md", "sh")[3], "=../storegen ", "="+root+" ", 1)
	for line := range strings.Lines(strings.Replace(block, get, clone, 1)) {
		n.do(line)
	}
}

// The README's first five minutes, its table, and the calls that it shows, as a program
// over an empty database.
func TestReadme(t *testing.T) {
	n := newcomer{t, t.TempDir()}
	sh := blocks(t, "README.md", "sh")
	n.begin(sh[1])
	n.write("schema/shop/orders.yaml", blocks(t, "README.md", "yaml")[0])
	n.do(sh[2])
	n.write("main.go", `package main

import (
	"context"
	"fmt"
	"time"

	"example.com/shop/db/shop"
	"example.com/shop/db/shop/orders"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/store"
)

func main() {
	ctx := context.Background()
	opened, err := store.Open(ctx, memory.New())
	if err != nil {
		panic(err)
	}
	db, err := shop.Open(ctx, opened)
	if err != nil {
		panic(err)
	}
	if err := calls(ctx, db, time.Now().Add(-24*time.Hour), ""); err != nil {
		panic(err)
	}
	for o, err := range db.Orders.ScanAll(ctx) {
		fmt.Println(orders.KeyOf(&o), o.Status, o.ClosedAt != nil, err)
	}
}

func calls(ctx context.Context, db *shop.DB, yesterday time.Time, cursor store.Cursor[orders.Order]) error {
`+blocks(t, "README.md", "go")[0]+`
	fmt.Println(len(page.Rows))
	return err
}
`)
	if diff := cmp.Diff("R-1 [tea]\n1\nann/1 closed true <nil>\n", n.do("go mod tidy && go run .")); diff != "" {
		t.Errorf("the README's calls print (-want +got):\n%s", diff)
	}
}

// The first page of the guide, from an empty folder to a program that is run twice.
func TestFirstTable(t *testing.T) {
	const page = "docs/guide/first-table.md"
	n := newcomer{t, t.TempDir()}
	sh := blocks(t, page, "sh")
	n.begin(sh[0])
	n.write("main.go", blocks(t, page, "go")[0])
	schema, err := os.ReadFile(filepath.Join(n.dir, "schema", "notes.yaml"))
	if err != nil || !strings.Contains(string(schema), blocks(t, page, "yaml")[0]) {
		t.Errorf("the page shows another schema than init has written: %v\n%s", err, schema)
	}
	for _, want := range []string{"Buy tea\n", "Buy tea\nBuy tea\n"} {
		if diff := cmp.Diff(want, n.do(sh[1])); diff != "" {
			t.Errorf("the program prints (-want +got):\n%s", diff)
		}
	}
}
