package main

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/load"
	"github.com/storegen/storegen/templates/output"
)

// cacheVariable names the folder of records in place of one in the user's folder
// for caches; off is none.
const cacheVariable = "STOREGEN_CACHE"

// A cache is the record of the last run for one output folder. It is outside of
// the project, may be thrown away at any time, and never decides what is written:
// only what need not be made to be compared.
type cache struct {
	file    string
	program output.Sum
	last    *output.Record // nil where there is none
}

// openCache returns the cache of a project, or nil where there can be none.
func openCache(config *load.Config) *cache {
	dir := os.Getenv(cacheVariable)
	if dir == "off" {
		return nil
	}
	if dir == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return nil // a machine without a home
		}
		dir = filepath.Join(user, "storegen")
	}
	out, err := filepath.Abs(config.Out)
	if err != nil {
		return nil
	}
	program, err := programSum()
	if err != nil {
		return nil
	}
	name := sha256.Sum256([]byte(out))
	c := &cache{file: filepath.Join(dir, hex.EncodeToString(name[:16])+".record"), program: program}
	c.last = output.LoadRecord(c.file, program)
	return c
}

// programSum is the hash of the running program, which is the version of all that
// has a part in what is generated.
var programSum = sync.OnceValues(func() (sum output.Sum, err error) {
	path, err := os.Executable()
	if err != nil {
		return sum, err
	}
	f, err := os.Open(path)
	if err != nil {
		return sum, err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return sum, err
	}
	return output.Sum(h.Sum(nil)), nil
})

// unit is what is known of a unit.
func (c *cache) unit(name string) (output.UnitRecord, bool) {
	if c.last == nil {
		return output.UnitRecord{}, false
	}
	u, ok := c.last.Units[name]
	return u, ok
}

// save keeps what a run has made. A cache that cannot be written is none.
func (c *cache) save(r *output.Record) {
	_ = r.Save(c.file, c.program)
}

// sumOf is a hash of all that files are made of: the configuration, the schemas
// and a lock.
func sumOf(config *load.Config, sources []schema.Source, lock []byte) output.Sum {
	h := sha256.New()
	add := func(text []byte) {
		h.Write(binary.AppendUvarint(nil, uint64(len(text)))) // a hash takes all that it is given
		h.Write(text)
	}
	add(fmt.Append(nil, config.Package, config.OnePackage))
	add(lock)
	for _, s := range sources {
		add([]byte(s.Name))
		add(s.Data)
	}
	return output.Sum(h.Sum(nil))
}
