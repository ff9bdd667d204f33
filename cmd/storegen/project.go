package main

import (
	"bytes"
	"path/filepath"
	"runtime/debug"

	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/gostruct"
	"github.com/storegen/storegen/schema/load"
	"github.com/storegen/storegen/templates"
	"github.com/storegen/storegen/templates/output"
)

// load reads the configuration and the schemas.
func (c *call) load() (*load.Config, *schema.Set, error) {
	config, err := load.ReadConfigOnly(c.config)
	if err != nil {
		return nil, nil, err
	}
	set, err := load.SchemasWithGo(config, goLoader(config))
	return config, set, err
}

// goLoader finds types in the user's module.
func goLoader(config *load.Config) schema.GoLoader {
	models := config.Package + "/models"
	if config.OnePackage {
		models = config.Package
	}
	return gostruct.Loader(filepath.Dir(config.File), config.Package, models)
}

// A build is what a run of generate is about to write.
type build struct {
	config  *load.Config
	folder  *output.Folder   // where the packages go
	set     *schema.Set      // nil where nothing has changed since the record was made
	files   []templates.File // those that were emitted
	changes []output.Change
	lock    *output.Change  // nil where it is current
	editor  []output.Change // files for editors

	cache  *cache
	record *output.Record // what will be true once all is written
	total  int            // files in all, emitted or not
}

// build finds what has to be written. What a cache knows to be there already is
// not emitted again; a nil cache knows nothing.
func (c *call) build(noCache bool) (*build, error) {
	config, err := load.ReadConfig(c.config)
	if err != nil {
		return nil, err
	}
	b := &build{config: config}
	if !noCache {
		b.cache = openCache(config)
	}
	if b.editor, err = editorChanges(filepath.Dir(config.File)); err != nil {
		return nil, err
	}
	folder, err := output.ReadFolder(config.Out, config.File)
	if err != nil {
		return nil, err
	}
	b.folder = folder
	in, err := load.ReadInputs(config)
	if err != nil {
		// What is wrong in the files that can be read is said as well.
		if _, more := load.SchemasWithGo(config, goLoader(config)); more != nil {
			err = more
		}
		return nil, err
	}
	var old []byte
	if in.Lock != nil {
		old = in.Lock.Data
	}
	if b.cache != nil && b.cache.last != nil && sumOf(config, in.Sources, old) == b.cache.last.Inputs && folder.HoldsAll(b.cache.last) && sameBeside(b.cache.last) {
		return b, nil
	}
	if b.set, err = in.Parse(config, goLoader(config)); err != nil {
		return nil, err
	}
	lock := b.set.Lock.Format()
	if !bytes.Equal(output.WithoutCR(old), lock) {
		b.lock = &output.Change{Path: config.Lock, Old: old, New: lock}
	}
	return b, b.emit(folder, in.Sources, lock)
}

// sameBeside reports whether what a run went by beside the schemas is as it was.
func sameBeside(r *output.Record) bool {
	for input, sum := range r.Beside {
		if gostruct.Sum(input) != sum {
			return false
		}
	}
	return true
}

// emit makes the files that the folder does not hold yet.
func (b *build) emit(folder *output.Folder, sources []schema.Source, lock []byte) error {
	units := templates.Units(b.set, b.config.Package)
	var todo []templates.Unit
	var kept []string
	if b.cache == nil {
		todo = units
	} else {
		var inputs output.Sum
		// Types in Go are made of more than the schemas: where it is not known of what,
		// no run is taken for the same as the last without a look.
		if !b.set.UsesGo() || len(b.set.GoInputs) > 0 {
			inputs = sumOf(b.config, sources, lock)
		}
		b.record = output.NewRecord(inputs)
		for _, input := range b.set.GoInputs {
			b.record.Beside[input] = gostruct.Sum(input)
		}
		for _, u := range units {
			fingerprint := u.Fingerprint()
			known, ok := b.cache.unit(u.Name)
			if !ok || known.Fingerprint != fingerprint || !folder.Holds(known) {
				todo = append(todo, u)
				b.record.Add(u.Name, fingerprint)
				continue
			}
			b.record.Units[u.Name] = known
			for path := range known.Files {
				kept = append(kept, path)
			}
		}
	}
	if len(todo) > 100 {
		debug.SetGCPercent(150) // much is to be made, and all of it is held until it is written
	}
	var err error
	if b.files, err = templates.Emit(todo); err != nil {
		return err
	}
	if b.record != nil {
		for _, f := range b.files {
			b.record.AddFile(f)
		}
	}
	b.total = len(b.files) + len(kept)
	b.changes, err = folder.Compare(b.files, kept)
	return err
}
