package guide_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/storegen/storegen/schema"
	schemas "github.com/storegen/storegen/schema/load"
	"github.com/storegen/storegen/templates/starter"
)

// mostLines is how long a page of the guide may be: one that takes a minute to read.
const mostLines = 80

// first is the page whose program is a module of its own: the tests of the command run
// what it says.
const first = "first-table.md"

var block = regexp.MustCompile("(?ms)^```([a-z]+)\n(.*?)^```$")

func page(name string) (string, error) {
	b, err := os.ReadFile(name)
	return string(b), err
}

// pages are the names of the pages of the guide.
func pages(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob("*.md")
	if err != nil || len(names) == 0 {
		t.Fatalf("there are no pages: %v", err)
	}
	return names
}

// flat is text without indentation, between two line ends.
func flat(text string) string {
	var b strings.Builder
	b.WriteByte('\n')
	for line := range strings.Lines(text) {
		b.WriteString(strings.TrimSpace(line))
		b.WriteByte('\n')
	}
	return b.String()
}

// sources is the text of files, one behind the other.
func sources(t *testing.T, patterns ...string) string {
	t.Helper()
	var b strings.Builder
	for _, p := range patterns {
		names, err := filepath.Glob(p)
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: there is no such file: %v", p, err)
		}
		for _, name := range names {
			text, err := page(name)
			if err != nil {
				t.Fatal(err)
			}
			b.WriteString(text)
		}
	}
	return b.String()
}

// Each block of Go of a page stands in the tests beside it as it is, but for
// indentation, and so does what the page says it prints. YAML is that of the reference
// tables, of testdata, or what a project begins with.
func TestBlocks(t *testing.T) {
	notes, err := starter.Table("notes")
	if err != nil {
		t.Fatal(err)
	}
	code := flat(sources(t, "*_test.go"))
	known := flat(sources(t, "../../schema/tables/*.yaml", "../../schema/tables/*/*.yaml", "testdata/*.yaml") + string(notes))
	for _, name := range pages(t) {
		text, err := page(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range block.FindAllStringSubmatch(text, -1) {
			switch lang, body := m[1], m[2]; lang {
			case "go":
				if name != first && !strings.Contains(code, flat(body)) {
					t.Errorf("%s: no test has this code:\n%s", name, body)
				}
			case "text":
				want := regexp.MustCompile("(?m)^").ReplaceAllString(strings.TrimSuffix(body, "\n"), "// ")
				if name != first && !strings.Contains(code, flat(want)) {
					t.Errorf("%s: no test prints this:\n%s", name, body)
				}
			case "yaml":
				if !strings.Contains(known, flat(body)) {
					t.Errorf("%s: no schema has this:\n%s", name, body)
				}
			case "sh":
			default:
				t.Errorf("%s: nothing tests a block of %s", name, lang)
			}
		}
	}
}

// The schemas of the pages' own are right.
func TestOwnSchemas(t *testing.T) {
	names, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatalf("there are none: %v", err)
	}
	for _, name := range names {
		text, err := page(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := schemas.Parse([]schema.Source{{Name: name, Data: []byte(text)}}, nil); err != nil {
			t.Error(err)
		}
	}
}

// A page is short, and the index of all pages has it.
func TestPagesAreShort(t *testing.T) {
	index, err := page("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range pages(t) {
		text, err := page(name)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(text, "\n"); n > mostLines {
			t.Errorf("%s has %d lines, at most %d are wanted", name, n, mostLines)
		}
		if !strings.Contains(index, "(guide/"+name+")") {
			t.Errorf("docs/README.md has no link to guide/%s", name)
		}
	}
}

// all are the pages of the project, from this folder.
func all(t *testing.T) []string {
	t.Helper()
	names := pages(t)
	for _, p := range []string{"../*.md", "../../*.md", "../../bench/*.md"} {
		more, err := filepath.Glob(p)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, more...)
	}
	return names
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	dropped = regexp.MustCompile(`[^a-z0-9 _-]`)
	fenced  = regexp.MustCompile("(?ms)^```.*?^```$")
)

// anchors are the places of a page that links may name.
func anchors(text string) map[string]bool {
	found := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
		found[strings.ReplaceAll(dropped.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-")] = true
	}
	return found
}

// Each link from a page to a file or to a heading leads somewhere.
func TestLinks(t *testing.T) {
	for _, name := range all(t) {
		text, err := page(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			to, anchor, _ := strings.Cut(m[1], "#")
			target := name
			if to != "" {
				target = filepath.Join(filepath.Dir(name), to)
			}
			if info, err := os.Stat(target); err != nil {
				t.Errorf("%s: %s leads nowhere", name, m[1])
				continue
			} else if info.IsDir() || anchor == "" {
				continue
			}
			there, err := page(target)
			if err != nil {
				t.Fatal(err)
			}
			if !anchors(there)[anchor] {
				t.Errorf("%s: %s: there is no such heading", name, m[1])
			}
		}
	}
}

// named matches a name of a package of the runtime in a page.
var named = regexp.MustCompile(`\b(store|storeimpl|rawstore|admin|errs|commits|storetest|provider|plan|access|engine|leveldb|memory|catalog|record)\.([A-Z][A-Za-z0-9]*)`)

// folders are the packages whose names the pages use.
var folders = map[string]string{
	"storetest": "store/storetest", "plan": "provider/plan", "leveldb": "engine/leveldb", "memory": "engine/memory",
}

// exported are the exported names of a package's folder.
func exported(t *testing.T, dir string) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has no Go files: %v", dir, err)
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.HasPrefix(src, []byte("//go:build ignore")) || strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, src, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range f.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil {
					names[d.Name.Name] = true
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch s := spec.(type) {
					case *ast.TypeSpec:
						names[s.Name.Name] = true
					case *ast.ValueSpec:
						for _, n := range s.Names {
							names[n.Name] = true
						}
					}
				}
			}
		}
	}
	return names
}

// What a page calls by the name of a package is there, so that what is moved or renamed
// is so in the pages too. The list of changes tells of what there was.
func TestNames(t *testing.T) {
	known := map[string]map[string]bool{}
	for _, name := range all(t) {
		if filepath.Base(name) == "CHANGELOG.md" {
			continue
		}
		text, err := page(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range named.FindAllStringSubmatch(text, -1) {
			pkg := m[1]
			if known[pkg] == nil {
				dir := folders[pkg]
				if dir == "" {
					dir = pkg
				}
				known[pkg] = exported(t, filepath.Join("../../runtime", dir))
			}
			if !known[pkg][m[2]] {
				t.Errorf("%s: there is no %s.%s", name, pkg, m[2])
			}
		}
	}
}

// Each target that a page tells to make is in the Makefile.
func TestMakeTargets(t *testing.T) {
	makefile, err := page("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	command := regexp.MustCompile("(?m)(?:`|^ *)make ([a-z][a-z-]*)")
	for _, name := range all(t) {
		text, err := page(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range command.FindAllStringSubmatch(text, -1) {
			if !strings.Contains(makefile, "\n"+m[1]+":") {
				t.Errorf("%s: there is no target %s", name, m[1])
			}
		}
	}
}
