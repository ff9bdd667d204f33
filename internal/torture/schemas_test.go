package torture

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/load"
	"github.com/storegen/storegen/templates"
	"github.com/storegen/storegen/templates/output"
)

// TestRandomSchemas makes up tables, generates their packages into a module of
// its own, and runs random programs on them there, on two engines and beside a map.
func TestRandomSchemas(t *testing.T) {
	if *rounds == 0 {
		t.Skip("it compiles a module for each of -rounds; make random-schemas does")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	for round := range *rounds {
		dir := t.TempDir()
		rng := rand.New(rand.NewPCG(*seed, uint64(round)))
		var files []schema.Source
		types := randomTypes()
		for i := range *madeTables {
			name := fmt.Sprintf("t%d", i)
			text, more := randomTable(rng, name)
			types += more
			if err := os.WriteFile(filepath.Join(dir, name+".yaml"), []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
			files = append(files, schema.Source{Name: name + ".yaml", Data: []byte(text)})
		}
		files = append(files, schema.Source{Name: "types.yaml", Data: []byte(types)})
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
			for _, f := range files {
				if strings.Contains(string(out), "Test/"+strings.TrimSuffix(f.Name, ".yaml")) {
					t.Logf("%s:\n%s", f.Name, f.Data)
				}
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
	"reflect"
	"testing"

	"github.com/storegen/storegen/internal/torture/disk"
	"github.com/storegen/storegen/internal/torture/drive"
	"github.com/storegen/storegen/internal/torture/queries"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/leveldb"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/kind"
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
	for i := range uint64(DRIVES) {
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
		err := drive.Run(context.Background(), SEED+i, STEPS, func(ctx context.Context, db *store.DB) (S, error) {
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
		_, err = queries.Filled(t.Context(), seed, db, provider.Of(s.Handle()).(provider.Mutable), 4*STEPS)
	}
	if err != nil {
		t.Error(fmt.Errorf("%s: %w", t.Name(), err))
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

// member makes up a member of a family: kinds are those of its parameters, 0 for a
// struct, of which only what has to be set is.
func member[M any](kinds []kind.Kind, params []kind.Params) (m M) {
	rng := rand.New(rand.NewPCG(SEED, 1))
	v := reflect.ValueOf(&m).Elem()
	for i, k := range kinds {
		if colour := v.Field(i); k == 0 {
			if colour = colour.FieldByName("Colour"); colour.IsValid() {
				colour.SetInt(1)
			}
		} else {
			v.Field(i).Set(reflect.ValueOf(kind.Of(k).ToGo(kind.Of(k).Random(rng, &params[i]))).Convert(v.Field(i).Type()))
		}
	}
	return m
}

func Test(t *testing.T) {
`)
	for _, t := range tables {
		open := t.Pkg + ".Open"
		if len(t.Per) > 0 {
			open = memberOpen(t)
		}
		fmt.Fprintf(&b, "\tt.Run(%q, func(t *testing.T) { driven(t, %s, %s.KeyOf) })\n", t.Name, open, t.Pkg)
	}
	b.WriteString("}\n")
	return strings.NewReplacer("SEED", fmt.Sprint(seed), "DRIVES", fmt.Sprint(*drives), "STEPS", fmt.Sprint(*driveSteps)).Replace(b.String())
}

// memberOpen is a function that opens a member of a family.
func memberOpen(t *schema.Table) string {
	kinds, params, args := "", "", ""
	for _, f := range t.Per {
		p, k := f.Type.Args, 0
		if f.Type.Kind != kind.Struct {
			k = int(f.Type.Kind)
		}
		for _, v := range f.Type.Values {
			p.Values = append(p.Values, kind.EnumValue{Name: v.Name, Number: v.Number})
		}
		kinds += fmt.Sprintf("%d, ", k)
		params += strings.TrimPrefix(fmt.Sprintf("%#v, ", p), "kind.Params")
		args += "m." + f.GoName + ", "
	}
	return fmt.Sprintf(`func(ctx context.Context, db *store.DB, opts ...store.TableOption) (*%s.Store, error) {
		m := member[%[1]s.Member]([]kind.Kind{%[2]s}, []kind.Params{%[3]s})
		return %[1]s.Open(ctx, db, %[4]sopts...)
	}`, t.Pkg, kinds, params, args)
}
