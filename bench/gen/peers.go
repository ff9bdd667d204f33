package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// peers measures sqlc and ent on the same tables. Where one cannot be built, it is
// said and left out.
func (b *bench) peers(sizes []int) error {
	sqlc, ent := filepath.Join(b.tmp, "sqlc"), filepath.Join(b.tmp, "ent")
	// Without cgo, so that no C compiler is needed, sqlc has its PostgreSQL parser
	// as WebAssembly.
	for name, path := range map[string]string{"github.com/sqlc-dev/sqlc/cmd/sqlc": sqlc, "entgo.io/ent/cmd/ent": ent} {
		if _, err := measure(".", []string{"CGO_ENABLED=0"}, "go", "build", "-o", path, name); err != nil {
			fmt.Printf("\nleft out, since it cannot be built: %s\n%v\n", name, err)
		}
	}
	fmt.Println("\nthe same tables with sqlc (without cgo; PostgreSQL: get, insert, update, delete, list by either index) and ent, which compiles and runs its schemas; CPU in seconds, with that of child processes; of storegen is its multiple")
	w := newTable()
	fmt.Fprintln(w, "tables\tgenerator\tlines\tCPU\tms per 1,000 lines\twall\tpeak MB\tof storegen\t")
	for _, n := range sizes {
		dir := filepath.Join(b.tmp, fmt.Sprintf("peers%d", n))
		own, err := b.size(n)
		if err != nil {
			return err
		}
		row := func(name string, c cost, lines int) {
			fmt.Fprintf(w, "%d\t%s\t%d\t%.2f\t%.1f\t%.2f\t%d\t%.1f\t\n", n, name, lines, c.cpu.Seconds(),
				c.cpu.Seconds()*1e6/float64(lines), c.wall.Seconds(), c.peak>>20, c.cpu.Seconds()/own.cold.cpu.Seconds())
		}
		row("storegen", own.cold, own.lines)
		for _, p := range []struct {
			name, program string
			write         func(dir string, n int) error
			args          []string
			out           string
		}{
			{"sqlc", sqlc, writeSQLC, []string{"generate"}, "db"},
			{"ent", ent, b.writeEnt, []string{"generate", "./ent/schema"}, "ent"},
		} {
			if _, err := os.Stat(p.program); err != nil {
				continue
			}
			at := filepath.Join(dir, p.name)
			if err := p.write(at, n); err != nil {
				return err
			}
			c, err := measure(at, []string{"GOFLAGS=-mod=mod"}, p.program, p.args...)
			if err != nil {
				return err
			}
			lines, err := countLines(filepath.Join(at, p.out))
			if err != nil {
				return err
			}
			row(p.name, c, lines)
		}
	}
	return w.Flush()
}

// writeSQLC writes the tables, and for each what its store does.
func writeSQLC(dir string, n int) error {
	var schema, queries strings.Builder
	var names, params, sets []string
	for i, c := range columns {
		names = append(names, c.name)
		params = append(params, fmt.Sprintf("$%d", i+1))
		if i > 0 {
			sets = append(sets, fmt.Sprintf("%s = $%d", c.name, i+1))
		}
	}
	for i := range n {
		_, table := tableName(i)
		fmt.Fprintf(&schema, "CREATE TABLE %s (\n", table)
		for j, c := range columns {
			comma := ","
			if j == len(columns)-1 {
				comma = ""
			}
			fmt.Fprintf(&schema, "  %s %s%s\n", c.name, c.sql, comma)
		}
		fmt.Fprintf(&schema, ");\nCREATE UNIQUE INDEX %s_name ON %[1]s (name);\nCREATE INDEX %[1]s_kind ON %[1]s (kind, created_at DESC);\n\n", table)
		for _, q := range []struct{ name, kind, text string }{
			{"Get", "one", "SELECT * FROM %s WHERE id = $1"},
			{"Insert", "exec", "INSERT INTO %s (" + strings.Join(names, ", ") + ") VALUES (" + strings.Join(params, ", ") + ")"},
			{"Update", "exec", "UPDATE %s SET " + strings.Join(sets, ", ") + " WHERE id = $1"},
			{"Delete", "exec", "DELETE FROM %s WHERE id = $1"},
			{"ByName", "one", "SELECT * FROM %s WHERE name = $1"},
			{"ByKind", "many", "SELECT * FROM %s WHERE kind = $1 ORDER BY created_at DESC LIMIT $2"},
		} {
			fmt.Fprintf(&queries, "-- name: %s%s :%s\n"+q.text+";\n\n", q.name, "T"+table[1:], q.kind, table)
		}
	}
	return writeFiles(dir, map[string]string{
		"schema.sql":  schema.String(),
		"queries.sql": queries.String(),
		"sqlc.yaml":   "version: \"2\"\nsql:\n  - engine: postgresql\n    schema: schema.sql\n    queries: queries.sql\n    gen:\n      go: {package: db, out: db}\n",
	})
}

// writeEnt writes a module with the tables; it has the requirements of this one,
// since ent compiles and runs the schemas.
func (b *bench) writeEnt(dir string, n int) error {
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		return err
	}
	sum, err := os.ReadFile("go.sum")
	if err != nil {
		return err
	}
	_, rest, _ := strings.Cut(string(mod), "\n")
	files := map[string]string{"go.mod": "module " + module + "\n" + rest, "go.sum": string(sum)}
	for i := range n {
		_, table := tableName(i)
		name := "T" + table[1:]
		var s strings.Builder
		fmt.Fprintf(&s, "package schema\n\nimport (\n\t\"entgo.io/ent\"\n\t\"entgo.io/ent/schema/field\"\n\t\"entgo.io/ent/schema/index\"\n)\n\n")
		fmt.Fprintf(&s, "type %s struct{ ent.Schema }\n\nfunc (%[1]s) Fields() []ent.Field {\n\treturn []ent.Field{\n", name)
		for _, c := range columns {
			fmt.Fprintf(&s, "\t\t%s,\n", c.ent)
		}
		fmt.Fprintf(&s, "\t}\n}\n\nfunc (%s) Indexes() []ent.Index {\n\treturn []ent.Index{index.Fields(\"name\").Unique(), index.Fields(\"kind\", \"created_at\")}\n}\n", name)
		files["ent/schema/"+table+".go"] = s.String()
	}
	return writeFiles(dir, files)
}
