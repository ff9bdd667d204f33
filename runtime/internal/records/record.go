// Package records is the catalog of a database: its records, and what is changed in them
// together when a table gets its place, another name, or goes. The format is
// docs/format.md.
//
// It knows one transaction of an engine, and nothing of opened tables or of rows.
package records

import (
	"errors"
	"fmt"
	"slices"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/internal/layout"
)

// Records of the catalog's space, by their second component. Their values are a
// format byte, JSON, so that a database can be understood with no program of its
// own, and a checksum: where a table's place or description is wrong, every row
// would be read wrongly.
const (
	CatalogHeader  = 1 // {"format": 1}
	CatalogTable   = 2 // + name: the table's space and description
	CatalogNext    = 3 // the next space to be given away
	CatalogMember  = 4 // + family's space, member: the member's space
	CatalogReverse = 5 // + member's space: which family and member it is
	CatalogCursors = 6 // {"key": base64}: what cursors are sealed with
	CatalogDropped = 7 // + space: it is being dropped
)

const (
	formatChecked = 3 // format of a record: JSON follows, then its checksum
	checksumSize  = 4
)

var errChecksum = errors.New("the checksum does not match")

// formatVersion is the version of the key space and of the catalog.
const FormatVersion = 1

// Header says which format the database has.
type Header struct {
	Format int `json:"format"`
}

// TableRecord is a table of the catalog, or a family.
type TableRecord struct {
	Space uint64         `json:"space"`
	Table *catalog.Table `json:"table"`
	// Unfinished says that a change of the indexes was begun by an older program,
	// which changed them in place: no index entry may be trusted until all are built
	// again.
	Unfinished bool `json:"unfinished,omitempty"`
	// Parts are the parts of the space that hold the entries of those indexes that
	// are not at their own number.
	Parts Parts `json:"places,omitempty"`
	// Litter are parts that hold what belongs to no index: entries of one that is
	// being built, or that is no more. Nobody reads or keeps them, and whoever opens
	// the table clears them.
	Litter []uint64 `json:"litter,omitempty"`
	// Building is of the program that builds indexes. Another one that opens the
	// table clears it away, and the build with it.
	Building string `json:"building,omitempty"`
	// Loading is of the program that fills the table, which has nothing but what that
	// has written so far, and not all of it. Whoever opens the table clears it.
	Loading string `json:"loading,omitempty"`
	// Expiring says that rows may expire although the description does not say
	// so: they were written when it did.
	Expiring bool `json:"expiring,omitempty"`
	// Renamed is the name that the table has now. Its record here has nothing
	// else: it keeps programs of the old name from beginning an empty table.
	Renamed string `json:"renamed,omitempty"`
}

// Expires reports whether rows may expire.
func (r *TableRecord) Expires() bool { return r.Expiring || r.Table != nil && r.Table.TTL != nil }

// NextRecord is the next space that is given away.
type NextRecord struct {
	Next uint64 `json:"next"`
}

// MemberRecord is a member of a family.
type MemberRecord struct {
	Space  uint64 `json:"space"`
	Family string `json:"family"`
	Member []byte `json:"member"` // the encoded parts
	Text   string `json:"text"`   // for people
	// Loading is as that of a table.
	Loading string `json:"loading,omitempty"`

	// What its family says:
	Expires bool // rows may expire
	Parts   Parts
}

// Record is a record of the catalog. check says what is wrong with one
// that was read.
type Record interface{ check() error }

func (h *Header) check() error {
	if h.Format <= 0 {
		return fmt.Errorf("no format has the number %d", h.Format)
	}
	return nil
}

func (r *TableRecord) check() error {
	switch {
	case r.Renamed != "":
		return nil
	case r.Table == nil:
		return errors.New("the table has no description")
	}
	return errors.Join(checkSpace(r.Space), r.Table.Check(), r.checkParts())
}

// checkParts makes sure that what is cleared is nothing that is needed.
func (r *TableRecord) checkParts() error {
	if err := r.Parts.check(r.Table); err != nil {
		return err
	}
	for _, part := range r.Litter {
		used := slices.ContainsFunc(r.Table.Indexes, func(ix catalog.Index) bool { return r.Parts.Of(ix.Number) == part })
		if used || part == layout.SpaceRows {
			return fmt.Errorf("part %d of the space is no litter", part)
		}
	}
	return nil
}

func (r *NextRecord) check() error { return checkSpace(r.Next) }

func (r *MemberRecord) check() error {
	if r.Family == "" {
		return errors.New("the member has no family")
	}
	return checkSpace(r.Space)
}

func checkSpace(space uint64) error {
	if space < layout.FirstTable {
		return fmt.Errorf("space %d is none that tables have", space)
	}
	return nil
}

// CatalogKey is what the keys of a kind of records begin with.
func CatalogKey(record uint64) []byte {
	return keys.AppendUvarint(keys.AppendUvarint(nil, layout.SpaceCatalog), record)
}

// TableKey is where the catalog has a table. The name is the last component, so
// no name can be taken for another's beginning.
func TableKey(name string) []byte {
	return keys.AppendStringLast(CatalogKey(CatalogTable), name)
}

// MemberPrefix is what the keys of the members of a family begin with.
func MemberPrefix(family uint64) []byte {
	return keys.AppendUvarint(CatalogKey(CatalogMember), family)
}

// Dropping a table is done in three steps: one commit takes the table out of the catalog
// and notes that its space is being dropped; the space is cleared, in batches; and the note
// goes. No space is ever given away twice, so a table of the same name that is made
// meanwhile has another one, and nothing of it is touched.

// DroppedRecord says that a space is being dropped. It is enough to go on by.
type DroppedRecord struct {
	Space uint64 `json:"space"`
	Name  string `json:"name"` // of the table, or of the family
	// Lasting says that no row of it can expire, so that none has to be read for what it
	// has in the order of expiry.
	Lasting bool `json:"lasting,omitempty"`
}

// Dropped is the record of a space of a table, or of a member of a family.
func Dropped(space uint64, name string, of *TableRecord) *DroppedRecord {
	return &DroppedRecord{Space: space, Name: name, Lasting: !of.Expires()}
}

func (r *DroppedRecord) check() error {
	if r.Name == "" {
		return errors.New("the space had no table")
	}
	return checkSpace(r.Space)
}

// DroppedKey is where the catalog says that a space is being dropped.
func DroppedKey(space uint64) []byte {
	return keys.AppendUvarint(CatalogKey(CatalogDropped), space)
}

// Cursors are sealed with a random key of the database's own, which its catalog
// holds: they may be given to those who may not read all that is in them, and come
// back as they were made or not at all.

const CursorKeySize = 32

// CursorRecord is the key of the cursors.
type CursorRecord struct {
	Key []byte `json:"key"`
}

func (r *CursorRecord) check() error {
	if len(r.Key) != CursorKeySize {
		return fmt.Errorf("a key of %d bytes", len(r.Key))
	}
	return nil
}
