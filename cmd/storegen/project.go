package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/templates"
	"github.com/storegen/storegen/templates/output"
)

// load reads the configuration and the schemas.
func (c *call) load() (*schema.Config, *schema.Set, error) {
	config, err := schema.LoadConfig(c.config)
	if err != nil {
		return nil, nil, err
	}
	set, err := schema.Load(config)
	return config, set, err
}

// A build is what a run of generate is about to write.
type build struct {
	config  *schema.Config
	set     *schema.Set
	files   []templates.File
	changes []output.Change
	lock    *output.Change  // nil where it is current
	editor  []output.Change // files for editors
}

func (c *call) build() (*build, error) {
	config, set, err := c.load()
	if err != nil {
		return nil, err
	}
	files, err := templates.Generate(set, config.Package)
	if err != nil {
		return nil, err
	}
	changes, err := output.Compare(config.Out, files)
	if err != nil {
		return nil, err
	}
	b := &build{config: config, set: set, files: files, changes: changes}
	lock := set.Lock.Format()
	old, err := os.ReadFile(config.Lock)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if !bytes.Equal(old, lock) {
		b.lock = &output.Change{Path: config.Lock, Old: old, New: lock}
	}
	b.editor, err = editorChanges(filepath.Dir(config.File))
	return b, err
}
