package templates_test

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/load"
	"github.com/storegen/storegen/templates"
)

var schemas = flag.Int("schemas", 10, "how many schemas TestRandomSchemas makes up")

// schemaMaker makes up schemas of few names, which clash with each other and with
// what is generated as often as may be.
type schemaMaker struct {
	*rand.Rand
	b     strings.Builder
	types map[string]string // name to what it is: a scalar, enum or struct
	names []string
}

var (
	fieldNames = []string{
		"a", "b", "id", "a_b", "ab", "a_b_c", "abc", "type", "func", "key", "keys", "string", "store", "value", "v", "r", "k", "x", "e", "q",
		"dst", "err", "ctx", "db", "b_index", "limit", "count", "get", "entries", "page", "created_at", "at", "time", "models", "check",
		"unknown", "int32", "bool", "nil", "new", "range", "columns", "include", "codec", "bind", "now", "keep", "record", "equal",
	}
	typeNames  = []string{"A", "B", "AB", "ID", "Key", "Time", "String", "Error", "Type", "Store", "Row", "Record", "Doc", "Con", "NewA", "ParseB", "DescOfA", "AType", "FooTest", "Query"}
	indexNames = []string{"a", "b", "ab", "a_b", "a_index", "a_index_b", "id", "codec", "key_index", "store", "query", "table", "linux", "test"}
	rowNames   = []string{"Row", "A", "Key", "Query", "Table", "AEntry", "AIndex", "Codec", "String", "Context", "Error", "Time", "RowKey"}
	tableNames = []string{"a", "b", "g.a", "g.b", "g.time", "g.ctx", "g.g", "json.context", "x_linux.test", "a_linux", "store", "keys", "models_"}
	scalarList = []string{"bool", "int32", "int64", "uint32", "uint64", "float64", "string", "bytes", "timestamp", "duration", "uuid", "json"}
)

func pick[T any](m *schemaMaker, from []T) T { return from[m.IntN(len(from))] }

// some are several different ones.
func some(m *schemaMaker, from []string, most int) []string {
	var out []string
	seen := map[string]bool{}
	for range 1 + m.IntN(most) {
		if name := pick(m, from); !seen[name] {
			seen[name] = true
			out = append(out, name)
		}
	}
	return out
}

func (m *schemaMaker) printf(format string, args ...any) { fmt.Fprintf(&m.b, format, args...) }

func (m *schemaMaker) typesFile() string {
	m.b.Reset()
	m.types = map[string]string{}
	m.names = nil
	m.printf("types:\n")
	for _, name := range some(m, typeNames, 8) {
		switch m.IntN(4) {
		case 0:
			m.printf("  %s: {enum: [%s]}\n", name, strings.Join(some(m, []string{"a", "b", "a_b", "linux", "test", "type", "new"}, 4), ", "))
			m.types[name] = "enum"
		case 1:
			m.printf("  %s: {struct: {", name)
			for _, f := range some(m, fieldNames, 4) {
				m.printf("%s: %q, ", f, m.fieldType())
			}
			m.printf("}}\n")
			m.types[name] = "struct"
		default:
			m.types[name] = pick(m, scalarList[:11])
			m.printf("  %s: %s\n", name, m.types[name])
		}
		m.names = append(m.names, name)
	}
	return m.b.String()
}

func (m *schemaMaker) plainType() string {
	if len(m.names) > 0 && m.IntN(2) == 0 {
		return pick(m, m.names)
	}
	return pick(m, scalarList)
}

func (m *schemaMaker) fieldType() string {
	t := m.plainType()
	switch m.IntN(6) {
	case 0, 1:
		return t + "?"
	case 2:
		return "[]" + t
	case 3:
		return "map[" + pick(m, []string{"string", "string", "int32", "uint64"}) + "]" + t
	}
	return t
}

func (m *schemaMaker) tableFile(name string) string {
	m.b.Reset()
	fields := some(m, fieldNames, 12)
	typeOf := map[string]string{}
	m.printf("table: %s\ndoc: %q\naccess: public\nrow: %s\nfields:\n", name, pick(m, []string{"A table.", "+build x", "*/ //", "a\nb"}), pick(m, rowNames))
	keyFields := 1 + m.IntN(min(3, len(fields)))
	for i, f := range fields {
		typ := m.fieldType()
		if i < keyFields {
			typ = m.plainType()
		}
		typeOf[f] = typ
		m.printf("  %s: {type: %q", f, typ)
		m.defaultOf(strings.TrimSuffix(typ, "?"))
		m.printf("}\n")
	}
	m.printf("key: [%s]\n", strings.Join(fields[:keyFields], ", "))
	if m.IntN(4) == 0 {
		m.printf("per: {")
		for _, f := range some(m, fieldNames, 4) {
			m.printf("%s: %s, ", f, m.plainType())
		}
		m.printf("}\n")
	}
	if m.IntN(3) == 0 {
		m.printf("ttl: {from: %s, keep: %s}\n", pick(m, fields), pick(m, append([]string{"1h", "7ns"}, fields...)))
	}
	m.indexes(fields, typeOf)
	if m.IntN(2) == 0 {
		m.printf("check:\n")
		for range 1 + m.IntN(3) {
			m.printf("  - %q\n", m.condition(fields, typeOf, 2))
		}
	}
	return m.b.String()
}

func (m *schemaMaker) defaultOf(typ string) {
	if m.IntN(3) > 0 {
		return
	}
	switch m.kind(typ) {
	case "bool":
		m.printf(", default: true")
	case "int32", "int64", "uint32", "uint64", "float64":
		m.printf(", default: %d", m.IntN(2)*7)
	case "string", "bytes":
		m.printf(", default: %q", pick(m, []string{"x", "%d", "a\"b"}))
	case "timestamp":
		m.printf(", default: now")
	case "uuid":
		m.printf(", default: new")
	case "json":
		m.printf(", default: \"{}\"")
	case "duration":
		m.printf(", default: 90s")
	case "enum":
		m.printf(", default: a")
	}
}

func (m *schemaMaker) indexes(fields []string, typeOf map[string]string) {
	m.printf("indexes:\n")
	for _, name := range some(m, indexNames, 4) {
		var on []string
		for _, f := range some(m, fields, 4) {
			each := ""
			elem, list := strings.CutPrefix(typeOf[f], "[]")
			if list {
				each = "each "
			}
			kind := m.kind(elem)
			if kind == "string" {
				each += pick(m, []string{"", "fold "})
			}
			if kind != "json" && kind != "struct" && kind != "map" {
				on = append(on, each+f+pick(m, []string{"", " desc"}))
			}
		}
		if len(on) == 0 {
			on = fields[:1]
		}
		m.printf("  %s: {on: [%s]", name, strings.Join(on, ", "))
		if m.IntN(3) == 0 {
			m.printf(", unique: true")
		}
		if m.IntN(3) == 0 {
			m.printf(", include: [%s]", strings.Join(some(m, fields, 3), ", "))
		}
		if m.IntN(3) == 0 {
			m.printf(", where: %q", m.condition(fields, typeOf, 2))
		}
		m.printf("}\n")
	}
}

// kind is what a type as a field has it is made of.
func (m *schemaMaker) kind(typ string) string {
	typ = strings.TrimSuffix(typ, "?")
	switch {
	case strings.HasPrefix(typ, "[]"):
		return "list"
	case strings.HasPrefix(typ, "map["):
		return "map"
	case m.types[typ] != "":
		return m.types[typ]
	}
	return typ
}

func (m *schemaMaker) condition(fields []string, typeOf map[string]string, depth int) string {
	if depth > 0 {
		a, b := m.condition(fields, typeOf, depth-1), m.condition(fields, typeOf, depth-1)
		switch m.IntN(5) {
		case 0:
			return "(" + a + ") and (" + b + ")"
		case 1:
			return a + " or " + b
		case 2:
			return "not (" + a + ")"
		case 3:
			return "not " + a
		}
		return a
	}
	f := pick(m, fields)
	typ := m.kind(typeOf[f])
	op := pick(m, []string{"==", "!=", "<", "<=", ">", ">="})
	for _, other := range fields { // one of the same type, if there is one
		if m.IntN(3) == 0 && strings.TrimSuffix(typeOf[other], "?") == strings.TrimSuffix(typeOf[f], "?") &&
			!slices.Contains([]string{"list", "map", "json", "struct"}, typ) {
			if typ == "bool" || typ == "uuid" {
				op = pick(m, []string{"==", "!="})
			}
			return f + " " + op + " " + other
		}
	}
	switch {
	case strings.HasSuffix(typeOf[f], "?") && m.IntN(2) == 0:
		return "has " + f
	case typ == "list", typ == "map", (typ == "string" || typ == "bytes") && m.IntN(2) == 0:
		return fmt.Sprintf("len(%s) %s %d", f, op, m.IntN(3))
	case typ == "bool":
		return pick(m, []string{f, f + " == true", f + " != true"})
	case typ == "string", typ == "bytes":
		return f + " " + op + " 'x'"
	case typ == "duration":
		return f + " " + op + " 90s"
	case typ == "enum":
		return f + " " + op + " a"
	case typ == "json":
		return "has " + f
	case typ == "uuid", typ == "timestamp":
		return f + " " + pick(m, []string{"==", "!="}) + " " + f
	case typ == "struct":
		return "has " + f // refused, where it cannot be absent
	}
	return fmt.Sprintf("%s %s %d", f, op, m.IntN(3))
}

// Schemas at random are refused with messages that say where, or become Go that
// compiles. They are made to clash: with Go, with each other and with what is
// generated.
func TestRandomSchemas(t *testing.T) {
	check, err := oneChecker()
	if err != nil {
		t.Fatal(err)
	}
	m := &schemaMaker{Rand: rand.New(rand.NewPCG(1, uint64(*schemas)))}
	good, reasons := 0, map[string]int{}
	for tries := 0; good < *schemas; tries++ {
		if tries > 100**schemas {
			t.Fatalf("only %d of %d schemas are good: %v", good, tries, reasons)
		}
		files := []schema.Source{{Name: "types.yaml", Data: []byte(m.typesFile())}}
		if _, err := load.Parse(files, nil); err != nil {
			m.note(t, err, reasons)
			continue
		}
		for i, name := range some(m, tableNames, 4) {
			// A table that is refused is made up again, a few times.
			for range 40 {
				f := schema.Source{Name: fmt.Sprintf("%c.yaml", 'a'+i), Data: []byte(m.tableFile(name))}
				if _, err := load.Parse(append(files[:len(files):len(files)], f), nil); err == nil {
					files = append(files, f)
					break
				} else {
					m.note(t, err, reasons)
				}
			}
		}
		if len(files) == 1 {
			continue
		}
		set, err := load.Parse(files, nil)
		if err != nil {
			t.Fatal(err)
		}
		good++
		base := pick(m, []string{"example.com/app/db", "app/db"}) // a module needs no domain
		out, err := templates.Generate(set, base)
		if err == nil {
			err = check.check(base, out)
		}
		if err != nil {
			t.Errorf("%v", err)
			for _, f := range files {
				t.Logf("%s:\n%s", f.Name, f.Data)
			}
			return
		}
	}
	t.Logf("refused: %v", reasons)
}

// note counts the rules by which schemas are refused.
func (m *schemaMaker) note(t *testing.T, err error, reasons map[string]int) {
	t.Helper()
	var ds diag.Diagnostics
	if !errors.As(err, &ds) {
		t.Fatalf("not a message about the schema: %v", err)
	}
	for _, d := range ds {
		if d.File == "" || d.Line == 0 {
			t.Fatalf("a message without a place: %v", d)
		}
		reasons[d.Rule]++
	}
}
