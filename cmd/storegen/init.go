package main

import (
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/storegen/storegen/schema/load"
	"github.com/storegen/storegen/templates/output"
	"github.com/storegen/storegen/templates/starter"
)

var initCommand = &command{
	name: "init", args: "[TABLE]", free: true,
	short: "begin a project: a configuration, a first table, a go:generate line",
	long: `Writes storegen.yaml, schema/TABLE.yaml (notes where no name is given),
generate.go, and in .storegen the JSON Schemas that editors go by, into the working
directory, which must be in a Go module. generate.go gets the package of the Go
files that are there, or main. Nothing is overwritten: where one of the files is
there already, nothing is written at all.`,
	setup: simple(initProject),
}

func initProject(c *call) error {
	table := "notes"
	if len(c.args) > 1 {
		return usageError("it takes one name of a table at most")
	} else if len(c.args) == 1 {
		table = c.args[0]
	}
	text, err := starter.Table(table)
	if err != nil {
		return usageError(err.Error())
	}
	mod, err := goMod()
	if err != nil {
		return err
	}
	pkg, err := packageName(".")
	if err != nil {
		return err
	}
	tableFile := filepath.Join("schema", filepath.FromSlash(starter.FileName(table)))
	files := []newFile{
		{"storegen.yaml", append([]byte(modeline(".", "storegen.yaml", configSchemaName)), starter.Config("schema", "db")...)},
		{tableFile, append([]byte(modeline(".", tableFile, tableSchemaName)), text...)},
		{"generate.go", starter.GoGenerate(pkg)},
	}
	for _, f := range editorFiles(".") {
		files = append(files, newFile{f.path, f.content})
	}
	if err := c.writeNew(files); err != nil {
		return err
	}
	fmt.Fprintln(c.stdout, "\nnext:")
	if !strings.Contains(mod, "github.com/storegen/storegen/cmd/storegen") {
		fmt.Fprintln(c.stdout, "  go get -tool github.com/storegen/storegen/cmd/storegen@latest")
	}
	// First, since what is generated is taken for what rows may be stored by.
	fmt.Fprintf(c.stdout, "  change %s to what you need\n", tableFile)
	fmt.Fprintln(c.stdout, "  go generate ./...")
	return nil
}

var newCommand = &command{
	name: "new", args: "TABLE",
	short: "write the schema of a further table, to go on from",
	long: `TABLE is name or group.name; the file is group/name.yaml in the schema folder.
Nothing is overwritten.`,
	setup: simple(newTable),
}

func newTable(c *call) error {
	if len(c.args) != 1 {
		return usageError("it takes the name of one table")
	}
	table := c.args[0]
	text, err := starter.Table(table)
	if err != nil {
		return usageError(err.Error())
	}
	config, err := load.ReadConfigOnly(c.config)
	if err != nil {
		return err
	}
	// A schema that is not right yet is no reason not to begin a table: then only
	// the file's name says whether it is new.
	if set, err := load.SchemasWithGo(config, goLoader(config)); err == nil && set.Table(table) != nil {
		return fmt.Errorf("the table %s is there already, in %s", table, filepath.Join(config.Schemas, filepath.FromSlash(set.Table(table).File)))
	}
	file := filepath.Join(config.Schemas, filepath.FromSlash(starter.FileName(table)))
	dir := filepath.Dir(config.File)
	if _, err := os.Stat(filepath.Join(dir, editorFolder, tableSchemaName)); err == nil {
		text = append([]byte(modeline(dir, file, tableSchemaName)), text...)
	}
	return c.writeNew([]newFile{{file, text}})
}

// A newFile is one that must not be there yet.
type newFile struct {
	path    string
	content []byte
}

// writeNew writes files, all or none, and says so.
func (c *call) writeNew(files []newFile) error {
	var errs []error
	for _, f := range files {
		_, err := os.Lstat(f.path)
		switch {
		case err == nil:
			errs = append(errs, fmt.Errorf("%s is there already, and is not overwritten", f.path))
		case !errors.Is(err, fs.ErrNotExist):
			errs = append(errs, err)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	for _, f := range files {
		if err := output.WriteFile(f.path, f.content); err != nil {
			return err
		}
		fmt.Fprintf(c.stdout, "wrote %s\n", f.path)
	}
	return nil
}

// goMod returns the text of the go.mod at or above the working directory.
func goMod() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		data, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil {
			return string(data), nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("there is no go.mod here or above: run go mod init first")
		}
		dir = up
	}
}

// packageName returns the package of the Go files in a folder; main where there
// are none.
func packageName(dir string) (string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return "", err
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.PackageClauseOnly)
		if err == nil { // what does not parse says nothing of its package
			return f.Name.Name, nil
		}
	}
	return "main", nil
}
