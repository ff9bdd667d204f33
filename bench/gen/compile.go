package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sort"
	"strconv"
	"strings"
)

// compile measures what the packages of the reference tables cost to compile, and
// the machine code that comes out.
func (b *bench) compile() error {
	list, err := b.goOutput("list", "-f", "{{.ImportPath}}\t{{.Dir}}\t{{join .GoFiles \" \"}}\t{{join .Imports \" \"}}", "./generated/...")
	if err != nil {
		return err
	}
	// What each imports, compiled: the compiler is given it in a file.
	exports, err := b.goOutput("list", "-export", "-deps", "-f", "{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}", "./generated/...")
	if err != nil {
		return err
	}
	config := filepath.Join(b.tmp, "importcfg")
	if err := os.WriteFile(config, exports, 0o644); err != nil {
		return err
	}
	tool, err := b.goOutput("tool", "-n", "compile")
	if err != nil {
		return err
	}
	compiler := strings.TrimSpace(string(tool))
	fmt.Println("\ncompiling the packages of the reference tables; CPU in milliseconds, of which imports is what a package of the same imports and nothing else costs")
	w := newTable()
	fmt.Fprintln(w, "package\tlines\tCPU\timports\tfunctions\tmachine code bytes\t")
	lines := strings.Split(strings.TrimSpace(string(list)), "\n")
	sort.Strings(lines)
	for _, line := range lines {
		f := strings.Split(line, "\t")
		name := strings.TrimPrefix(f[0], "github.com/storegen/storegen/generated/")
		if name == "models" || !strings.Contains(f[2], "_store.go") {
			continue
		}
		object := filepath.Join(b.tmp, "out.a")
		// As go build calls it: with as much done at once, and with that the heap that
		// the compiler begins with; one that is told -c=1 collects garbage instead.
		build := func(dir string, files ...string) (cost, error) {
			return least(2*shortTimes, func() (cost, error) {
				args := append([]string{fmt.Sprintf("-c=%d", min(4, runtime.NumCPU())), "-complete", "-p", f[0], "-importcfg", config, "-pack", "-o", object}, files...)
				return measure(dir, nil, compiler, args...)
			})
		}
		var src bytes.Buffer
		src.WriteString("package p\n")
		for path := range strings.FieldsSeq(f[3]) {
			fmt.Fprintf(&src, "import _ %q\n", path)
		}
		if err := os.WriteFile(filepath.Join(b.tmp, "imports.go"), src.Bytes(), 0o644); err != nil {
			return err
		}
		imports, err := build(b.tmp, "imports.go")
		if err != nil {
			return err
		}
		all, err := build(f[1], strings.Fields(f[2])...)
		if err != nil {
			return err
		}
		functions, code, err := b.codeSize(object)
		if err != nil {
			return err
		}
		n, err := countLines(f[1])
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t\n", name, n, all.cpu.Milliseconds(), imports.cpu.Milliseconds(), functions, code)
		if name == "system/users" {
			b.target(all.cpu.Milliseconds() <= 80, "compiling %s: %d ms of CPU, at most 80", name, all.cpu.Milliseconds())
		}
	}
	return w.Flush()
}

// codeSize counts the functions of an object file, and sums their bytes.
func (b *bench) codeSize(object string) (functions, total int, err error) {
	out, err := b.goOutput("tool", "nm", "-size", object)
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		// address, size, kind, name
		if len(f) >= 4 && strings.EqualFold(f[2], "t") {
			n, err := strconv.Atoi(f[1])
			if err != nil {
				return 0, 0, err
			}
			functions, total = functions+1, total+n
		}
	}
	return functions, total, nil
}

// goOutput is what the go command prints in the repository.
func (b *bench) goOutput(args ...string) ([]byte, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir = b.root
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go %q: %w", args, err)
	}
	return out, nil
}
