package main

import (
	"bytes"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/storegen/storegen/schema/jsonschema"
	"github.com/storegen/storegen/templates/output"
	"github.com/storegen/storegen/templates/starter"
)

// The JSON Schemas that editors go by are in a folder beside storegen.yaml, so
// that they are found without a network.
const (
	editorFolder     = ".storegen"
	tableSchemaName  = "table.schema.json"
	configSchemaName = "config.schema.json"
)

var schemaCommand = &command{
	name: "schema", args: "[table|config]", free: true,
	short: "print the JSON Schema of schema files, for editors",
	long: `Prints what an editor needs to complete and to check schema files (table) or
storegen.yaml (config) while one types. A file says where it is in its first line:

  # yaml-language-server: $schema=../.storegen/table.schema.json

init writes both to the folder .storegen, and generate keeps them current where
they are.`,
	setup: func(flags *flag.FlagSet) func(*call) error {
		out := flags.String("o", "", "write both into this `folder`, and print nothing")
		return func(c *call) error { return printSchema(c, *out) }
	},
}

func printSchema(c *call, out string) error {
	what := "table"
	if len(c.args) == 1 {
		what = c.args[0]
	}
	switch {
	case len(c.args) > 1 || what != "table" && what != "config":
		return usageError("it takes table or config")
	case out != "" && len(c.args) > 0:
		return usageError("-o writes both")
	case out != "":
		for _, f := range editorFilesIn(out) {
			if err := output.WriteFile(f.path, f.content); err != nil {
				return err
			}
		}
		return nil
	}
	text := jsonschema.SchemaFile()
	if what == "config" {
		text = jsonschema.Config()
	}
	_, err := c.stdout.Write(text)
	return err
}

// editorFiles are the files for editors of the project in a folder.
func editorFiles(dir string) []newFile { return editorFilesIn(filepath.Join(dir, editorFolder)) }

func editorFilesIn(dir string) []newFile {
	return []newFile{
		{filepath.Join(dir, tableSchemaName), jsonschema.SchemaFile()},
		{filepath.Join(dir, configSchemaName), jsonschema.Config()},
	}
}

// editorChanges are the files for editors that are there and not current.
func editorChanges(dir string) ([]output.Change, error) {
	var out []output.Change
	for _, f := range editorFiles(dir) {
		old, err := os.ReadFile(f.path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, err
		case !bytes.Equal(output.WithoutCR(old), f.content):
			out = append(out, output.Change{Path: f.path, Old: old, New: f.content})
		}
	}
	return out, nil
}

// modeline is the first line of a file of the project in a folder.
func modeline(dir, file, name string) string {
	rel, err := filepath.Rel(filepath.Dir(file), filepath.Join(dir, editorFolder, name))
	if err != nil {
		rel = filepath.Join(dir, editorFolder, name) // one is absolute, and the other is not
	}
	return starter.Modeline(filepath.ToSlash(rel))
}
