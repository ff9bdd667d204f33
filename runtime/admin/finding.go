package admin

import (
	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/internal/entity"
)

// Fault is a kind of damage that Verify finds.
type Fault string

// The faults. Those of entries are repaired from the rows; those of
// rows and of the catalog cannot be derived from anything else.
const (
	FaultRow          Fault = "undecodable row"   // a row's key or value cannot be read
	FaultMissingEntry Fault = "missing entry"     // a row has no entry where it should have one
	FaultWrongEntry   Fault = "wrong entry"       // a row's entry says something else than the row
	FaultDangling     Fault = "dangling entry"    // an entry names a row that is not there
	FaultStaleEntry   Fault = "stale entry"       // an entry stands where its row does not want it
	FaultEntry        Fault = "undecodable entry" // an entry's key or value cannot be read
	FaultNoExpiry     Fault = "missing expiry"    // a row that expires is not in the order of expiry
	FaultExpiry       Fault = "orphaned expiry"   // an entry in the order of expiry that no row has
	FaultSpace        Fault = "unknown space"     // keys that belong to no table of the catalog
	FaultCatalog      Fault = "bad catalog"       // a record of the catalog cannot be read
	FaultUnread       Fault = "unreadable"        // the engine cannot read what is there, or what is behind it
)

// Finding is one damage.
type Finding struct {
	Fault Fault
	Table string
	Index string // "" where none is meant
	Row   string // the row's key as text
	Key   []byte // the engine key of what is damaged
	Err   error  // more about it, or nil

	table *entity.Table
	row   []byte // the row's stored key, if known
}

// String prints it as "system.users/alice: missing entry in role".
func (f Finding) String() string {
	s := f.Table
	if f.Row != "" {
		s += "/" + f.Row
	}
	s += ": " + string(f.Fault)
	if f.Index != "" {
		s += " in " + f.Index
	}
	s += " at " + keys.Format(f.Key)
	if f.Err != nil {
		s += ": " + f.Err.Error()
	}
	return s
}
