package torture

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/load"
	"github.com/storegen/storegen/templates"
	"github.com/storegen/storegen/templates/output"
)

// TestRandomSchemas makes up tables, generates their packages into a module of
// its own, and runs random programs on them there.
func TestRandomSchemas(t *testing.T) {
	if *rounds == 0 {
		t.Skip("it compiles a module for each of -rounds; make test-long does")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	for round := range *rounds {
		dir := t.TempDir()
		rng := rand.New(rand.NewPCG(*seed, uint64(round)))
		files := []schema.Source{{Name: "types.yaml", Data: []byte(randomTypes())}}
		for i := range 6 {
			name := fmt.Sprintf("t%d", i)
			text := randomTable(rng, name)
			if err := os.WriteFile(filepath.Join(dir, name+".yaml"), []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
			files = append(files, schema.Source{Name: name + ".yaml", Data: []byte(text)})
		}
		set, err := load.Parse(files, nil)
		if err != nil {
			t.Fatalf("round %d: the made-up schema is refused:\n%v", round, err)
		}
		// Below our own path, so that it may import our internal packages.
		const module = "github.com/storegen/storegen/random"
		generated, err := templates.Generate(set, module)
		if err != nil {
			t.Fatal(err)
		}
		changes, err := output.Compare(dir, generated)
		if err == nil {
			err = output.Apply(dir, changes)
		}
		if err != nil {
			t.Fatal(err)
		}
		sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
		if err != nil {
			t.Fatal(err)
		}
		write := func(name, text string) {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		write("go.sum", string(sum))
		write("go.mod", "module "+module+"\n\ngo 1.26.0\n\nrequire github.com/storegen/storegen v0.0.0\n\nreplace github.com/storegen/storegen => "+root+"\n")
		write("random_test.go", randomProgram(module, set.Tables, *seed+uint64(round)))
		cmd := exec.CommandContext(context.Background(), "go", "test", "-mod=mod", ".")
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
		if out, err := cmd.CombinedOutput(); err != nil {
			for _, f := range files[1:] {
				t.Logf("%s:\n%s", f.Name, f.Data)
			}
			t.Fatalf("round %d (seed %d): %v\n%s", round, *seed, err, out)
		}
	}
}

// randomProgram drives the tables of a module.
func randomProgram(module string, tables []*schema.Table, seed uint64) string {
	var b strings.Builder
	b.WriteString(`package random

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/storegen/storegen/internal/torture/disk"
	"github.com/storegen/storegen/internal/torture/drive"
	"github.com/storegen/storegen/internal/torture/queries"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/leveldb"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/store"
`)
	for _, t := range tables {
		fmt.Fprintf(&b, "\t%q\n", module+"/"+t.Pkg)
	}
	// Whether the keys need them or not.
	fmt.Fprintf(&b, "\n\t\"time\"\n\t\"github.com/google/uuid\"\n\t%q\n", module+"/models")
	b.WriteString(`)

var (
	_ time.Time
	_ uuid.UUID
	_ models.Name
)

func driven[K comparable, V any, Q drive.Queries[K, V, Q], S drive.Table[K, V, Q, S]](t *testing.T, open func(context.Context, *store.DB, ...store.TableOption) (S, error), keyOf func(*V) K) {
	for i := range uint64(3) {
		d := disk.New(rand.New(rand.NewPCG(SEED, i)))
		openDisk := func() (engine.Engine, error) {
			return leveldb.OpenStorage(d, &leveldb.Options{WriteBuffer: 64 << 10})
		}
		engines := drive.Engines{
			Open: openDisk, Reopen: func(engine.Engine) (engine.Engine, error) { return openDisk() }, Memory: memory.New(),
			Power: &drive.Power{
				Fail: func(after int) { d.FailAfter(disk.EverAfter, after) },
				Cut: func() (engine.Engine, error) {
					d = d.Crash()
					return openDisk()
				},
			},
		}
		err := drive.Run(context.Background(), SEED+i, 300, func(ctx context.Context, db *store.DB) (S, error) {
			return open(ctx, db)
		}, keyOf, engines)
		if err != nil {
			t.Error(fmt.Errorf("%s: %w", t.Name(), err))
		}
		asked(t, open, SEED+i)
	}
}

// asked asks the table's provider queries, by every path.
func asked[S interface{ Handle() *store.Handle }](t *testing.T, open func(context.Context, *store.DB, ...store.TableOption) (S, error), seed uint64) {
	db, err := store.Open(t.Context(), memory.New())
	if err != nil {
		t.Fatal(err)
	}
	s, err := open(t.Context(), db)
	if err == nil {
		_, err = queries.Filled(t.Context(), seed, db, provider.Of(s.Handle()).(provider.Mutable), 1200)
	}
	if err != nil {
		t.Error(fmt.Errorf("%s: %w", t.Name(), err))
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

func Test(t *testing.T) {
`)
	for _, t := range tables {
		fmt.Fprintf(&b, "\tt.Run(%q, func(t *testing.T) { driven(t, %s.Open, %[2]s.KeyOf) })\n", t.Name, t.Pkg)
	}
	b.WriteString("}\n")
	return strings.ReplaceAll(b.String(), "SEED", fmt.Sprint(seed))
}

// scalarTypes are all scalars that have no names of their own, as schemas write them.
func scalarTypes(fits func(*kind.Scalar) bool) []string {
	var out []string
	for _, s := range kind.Scalars() {
		if s.Kind != kind.Enum && fits(s) {
			out = append(out, kind.TypeText(s.Kind, &s.FormExample))
		}
	}
	return out
}

// inKeys tells whether keys may have a kind: its Go type can be compared.
func inKeys(s *kind.Scalar) bool { return s.Kind.InKeys() && !s.Gen.Slice }

// randomTypes are what made-up tables pick from beside the scalars.
func randomTypes() string {
	text := `types:
  Name: {is: string, max: 40}
  Blob: {is: bytes}
  Colour: {enum: [red, green, blue]}
  Pair: {struct: {left: string, right: int32}}
  Deep: {struct: {name: string, when: timestamp?, tags: "[]string", colour: Colour}}
  Every:
    struct:
`
	for i, typ := range scalarTypes(func(*kind.Scalar) bool { return true }) {
		text += fmt.Sprintf("      v%d: %s\n      o%[1]d: %[2]s?\n", i, typ)
	}
	return text
}

// randomLiterals are literals of types that have some.
func randomLiterals() map[string]string {
	out := map[string]string{"Name": "'a'", "Colour": "green"}
	for _, s := range kind.Scalars() {
		text := s.Lit(s.Example(&s.FormExample))
		switch {
		case s.Kind == kind.Bool || s.Gen.Slice:
			continue
		case s.Literal == kind.QuotedLiteral, s.Literal == kind.TextLiteral:
			text = "'" + text + "'"
		case s.Literal == kind.DurationLiteral:
			text = "1h"
		case s.Literal != kind.BareLiteral:
			continue
		}
		out[kind.TypeText(s.Kind, &s.FormExample)] = text
	}
	return out
}

// randomComparison makes up a condition on a field, if its type is one that has
// literals.
func randomComparison(rng *rand.Rand, typeOf map[string]string, field string) string {
	lit := randomLiterals()[strings.TrimSuffix(typeOf[field], "?")]
	if lit == "" {
		return ""
	}
	text := field + " " + []string{"==", "!=", "<", "<=", ">", ">="}[rng.IntN(6)] + " " + lit
	if rng.IntN(2) == 0 {
		text = "not (" + text + ")"
	}
	return text
}

// randomTable makes up a table.
func randomTable(rng *rand.Rand, name string) string {
	named := []string{"Name", "Blob", "Colour"}
	keyTypes := append(scalarTypes(inKeys), named...)
	others := scalarTypes(func(s *kind.Scalar) bool { return !inKeys(s) })
	plain := slices.Concat(keyTypes, others)
	var lists, maps []string
	for _, typ := range append(plain, "Deep", "Every") {
		if typ != "uint8" { // a list of which is bytes, and has to be called so
			lists = append(lists, `"[]`+typ+`"`)
		}
		maps = append(maps, `"map[string]`+typ+`"`)
	}
	maps = append(maps, `"map[Name]Deep"`)
	type field struct{ name, typ string }
	var fields []field
	add := func(typ string) string {
		n := fmt.Sprintf("f%d", len(fields))
		fields = append(fields, field{n, typ})
		return n
	}
	pick := func(from []string) string { return from[rng.IntN(len(from))] }

	var key []string
	for range 1 + rng.IntN(3) {
		key = append(key, add(pick(keyTypes)))
	}
	single, each, stamps, keeps := []string{}, []string{}, []string{}, []string{}
	for range 2 + rng.IntN(7) {
		switch rng.IntN(6) {
		case 0:
			typ := pick(lists)
			n := add(typ)
			if slices.Contains(keyTypes, strings.TrimPrefix(strings.Trim(typ, `"`), "[]")) {
				each = append(each, n)
			}
		case 1:
			add(pick(maps))
		case 2:
			add(pick([]string{"Deep", "Deep?", "Pair", "Every", "Every?"}))
		default:
			typ := pick(plain)
			suffix := pick([]string{"", "?"})
			n := add(typ + suffix)
			if slices.Contains(keyTypes, typ) {
				single = append(single, n)
			}
			switch row, _, _ := kind.ParseType(typ); {
			case row == nil:
			case row.Kind == kind.Timestamp:
				stamps = append(stamps, n)
			case row.Kind.Integer() || row.Kind == kind.Duration:
				keeps = append(keeps, n)
			}
		}
	}
	flag := add("bool")
	var b strings.Builder
	fmt.Fprintf(&b, "table: %s\naccess: public\nrow: Row\nkey: [%s]\nfields:\n", name, strings.Join(key, ", "))
	typeOf := map[string]string{}
	for _, f := range fields {
		fmt.Fprintf(&b, "  %s: %s\n", f.name, f.typ)
		typeOf[f.name] = f.typ
	}
	var indexes strings.Builder
	seen := map[string]bool{strings.Join(key, ", "): true}
	for i := range rng.IntN(4) {
		var cols []string
		used := map[string]bool{}
		for range 1 + rng.IntN(3) {
			if len(single) == 0 {
				break
			}
			n := pick(single)
			if used[n] {
				continue
			}
			used[n] = true
			col := n
			if t := strings.TrimSuffix(typeOf[n], "?"); (t == "string" || t == "Name") && rng.IntN(2) == 0 {
				col = "fold " + col
			}
			cols = append(cols, col+pick([]string{"", " desc"}))
		}
		if len(each) > 0 && rng.IntN(2) == 0 {
			cols = append(cols, "each "+pick(each)+pick([]string{"", " desc"}))
		}
		if len(cols) == 0 {
			continue
		}
		if on := strings.Join(cols, ", "); seen[on] {
			continue // two indexes over the same are refused
		} else {
			seen[on] = true
		}
		extra := ""
		if rng.IntN(3) == 0 {
			extra += ", unique: true"
		}
		switch rng.IntN(4) {
		case 3:
			if len(single) > 0 {
				if where := randomComparison(rng, typeOf, pick(single)); where != "" {
					extra += fmt.Sprintf(", where: %q", where)
				}
			}
		case 0:
			extra += ", where: " + flag
		case 1:
			extra += fmt.Sprintf(", where: not %s and not %s", flag, flag)
		}
		if rng.IntN(3) == 0 {
			var include []string
			for _, f := range fields[len(key):] {
				if rng.IntN(2) == 0 && !used[f.name] && !strings.Contains(strings.Join(cols, " "), f.name) {
					include = append(include, f.name)
				}
			}
			if len(include) > 0 {
				extra += ", include: [" + strings.Join(include, ", ") + "]"
			}
		}
		fmt.Fprintf(&indexes, "  ix%d: {on: [%s]%s}\n", i, strings.Join(cols, ", "), extra)
	}
	if indexes.Len() > 0 {
		b.WriteString("indexes:\n" + indexes.String())
	}
	if len(stamps) > 0 && rng.IntN(2) == 0 {
		keep := "90m"
		if len(keeps) > 0 && rng.IntN(2) == 0 {
			keep = pick(keeps)
		}
		fmt.Fprintf(&b, "ttl: {from: %s, keep: %s}\n", pick(stamps), keep)
	}
	return b.String()
}
