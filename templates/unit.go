package templates

import (
	"crypto/sha256"

	"github.com/storegen/storegen/schema"
)

// A Unit is the smallest part of a schema that is emitted by itself: the package
// of a table, a named type, the file of a group.
type Unit struct {
	Name  string // table system.users
	emit  func() ([]File, error)
	print func() [sha256.Size]byte
}

// Fingerprint is a hash of all that the files of the unit are made of, but for
// the emitters: the same program makes the same bytes of units that have the same
// name and fingerprint. It may not be called by two goroutines at once for units
// of the same call of Units.
func (u Unit) Fingerprint() [sha256.Size]byte { return u.print() }

// Units are the parts of a schema, which Emit makes files of. base is the import
// path of the output folder.
func Units(set *schema.Set, base string) []Unit {
	g := newGenerator(set, base)
	p := newPrinter(base, set.Config, set.OnePackage)
	var out []Unit
	add := func(name string, print func() [sha256.Size]byte, emit func() ([]File, error)) {
		out = append(out, Unit{Name: name, print: print, emit: func() ([]File, error) {
			files, err := emit()
			for i := range files {
				files[i].Unit = name
			}
			return files, err
		}})
	}
	for _, t := range set.Types {
		add("type "+t.Name, func() [sha256.Size]byte { return p.of(t) }, func() ([]File, error) { return g.typeFile(t) })
	}
	for _, t := range set.Tables {
		add("table "+t.Name, func() [sha256.Size]byte { return p.of(t) }, func() ([]File, error) { return g.tableFiles(t) })
	}
	for _, group := range set.Groups {
		add("group "+group.Name, func() [sha256.Size]byte { return p.ofGroup(group) }, func() ([]File, error) { return g.groupFile(group) })
	}
	if len(set.Types) > 0 || g.one {
		add("models", func() [sha256.Size]byte { return p.of(base) }, g.modelsDoc)
	}
	return out
}
