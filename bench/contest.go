package bench

import (
	"fmt"
	"time"

	"github.com/storegen/storegen/bench/db/users"
)

// User is the row that all contestants keep.
type User = users.User

// Contestant keeps users by id, with a unique username and a role that can be
// looked up. Rows come in the order of their ids, also within a role. All but
// the floor keep the username unique and the role index in step, in one commit.
type Contestant interface {
	Insert(u *User) error // an error if id or username is there
	InsertBatch(us []*User) error
	Update(id, role string) error // moves the role index; an error if id is not there
	Get(id string, u *User) (bool, error)
	Has(id string) (bool, error)
	GetMany(ids []string, visit func(u *User)) error
	GetByUsername(name string, u *User) (bool, error)
	ScanRole(role string, limit int, visit func(u *User)) error
	ScanAll(visit func(u *User)) error
	ScanPrefix(prefix string, visit func(u *User)) error
	Delete(id string) error
	Close() error
}

// Compacter is a contestant that can be brought to rest before it is measured.
type Compacter interface{ Compact() error }

// Options are how a contestant is opened.
type Options struct {
	Dir  string
	Sync bool // each commit is on stable storage when it returns
}

// Entry is a contestant in the list.
type Entry struct {
	Name string
	Open func(Options) (Contestant, error)
	// Rows bounds how many rows it can be asked to hold; 0 is no bound.
	Rows int
	// Floor marks one that keeps no indexes.
	Floor bool
}

// Entries are all contestants, the twin first.
var Entries = []Entry{
	{Name: "twin", Open: openTwin},
	{Name: "twin again", Open: openTwin},
	{Name: "generated", Open: openGenerated},
	{Name: "goleveldb, no indexes", Open: openFloor, Floor: true},
	{Name: "pebble by hand", Open: openPebble},
	{Name: "bbolt by hand", Open: openBolt},
	{Name: "SQLite (modernc)", Open: openSQLite},
	{Name: "bolthold", Open: openBolthold, Rows: 10_000},
	{Name: "go-memdb", Open: openMemdb},
}

// Roles are what rows have one of.
var Roles = []string{"admin", "editor", "guest", "member", "owner"}

// Row is the row of a number.
func Row(i int) *User {
	return &User{
		ID:        fmt.Sprintf("user-%08d", i),
		Username:  fmt.Sprintf("name%08d", i*7919%100_000_000),
		Role:      Roles[i%len(Roles)],
		Email:     fmt.Sprintf("user%d@example.com", i),
		CreatedAt: time.Unix(1_700_000_000+int64(i), 0).UTC(),
		Active:    i%3 != 0,
		Tags:      []string{"tag-a", fmt.Sprintf("tag-%d", i%100)},
		Hash:      "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lh",
	}
}
