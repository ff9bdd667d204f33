package bench

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/storegen/storegen/bench/db/blobs"
	"github.com/storegen/storegen/bench/db/members"
	"github.com/storegen/storegen/bench/db/sessions"
	"github.com/storegen/storegen/bench/db/users"
)

// The rows that all contestants keep: User in the main table, Member in one with
// an index that holds the email too, Session in one whose rows expire, Blob in one that is
// written without a look at what is there.
type (
	User    = users.User
	Member  = members.Person
	Session = sessions.Session
	Blob    = blobs.Blob
)

// Contestant keeps users by id, with a unique username and a role that can be
// looked up. Rows come in the order of their ids, also within a role. All but
// the floor keep the username unique and the role index in step, in one commit.
// A row that is visited may be kept, unless the method says otherwise.
type Contestant interface {
	Insert(u *User) error // an error if id or username is there
	InsertBatch(us []*User) error
	Update(id, role string) error // moves the role index; an error if id is not there
	Touch(id, hash string) error  // changes a field that no index has
	Get(id string, u *User) (bool, error)
	Has(id string) (bool, error)
	GetMany(ids []string, visit func(u *User)) error
	GetByUsername(name string, u *User) (bool, error)
	ScanRole(role string, limit int, visit func(u *User)) error
	// PageRole visits the next n rows of a role, from a place that an earlier call
	// returned. "" is the beginning, and the end; the last page may be empty.
	PageRole(role string, n int, from string, visit func(u *User)) (next string, err error)
	ScanAll(visit func(u *User)) error
	// ScanColumns visits two columns of all rows; the texts hold during the call.
	ScanColumns(visit func(id, email string)) error
	ScanPrefix(prefix string, visit func(u *User)) error
	Delete(id string) error

	AddMembers(ms []*Member) error
	// RoleEmails visits members of a role by id, from an index that holds both,
	// where there are such; the texts may be kept.
	RoleEmails(role string, limit int, visit func(id, email string)) error

	// AddAccounts adds an account and a counter of each id, both at 0.
	AddAccounts(ids []string) error
	// Transfer takes an amount from an account and adds it to a counter, in one
	// transaction over both tables; an error if one is not there.
	Transfer(account, counter string, amount int64) error
	Balance(account, counter string) (a, c int64, err error)

	AddSessions(ss []*Session) error
	// Sweep removes the sessions that have expired and returns how many those were.
	Sweep() (int, error)
	HasSession(id string) (bool, error)

	Close() error
}

// Blobber is a contestant that keeps blobs: rows without an index, which are written
// whether they are there or not, in one commit.
type Blobber interface{ PutBlobs(bs []*Blob) error }

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
	// Blobs marks one that keeps blobs too.
	Blobs bool
	// Finds marks one that looks members up by email: it is a finder.
	Finds bool
	// Memory marks one that keeps nothing on disk, so has nothing to sync.
	Memory bool
}

// Entries are all contestants, the twin first.
var Entries = append([]Entry{
	{Name: Twin, Open: openTwin, Blobs: true, Finds: true},
	{Name: TwinAgain, Open: openTwin, Blobs: true, Finds: true},
	{Name: Generated, Open: openGenerated, Blobs: true, Finds: true},
	{Name: Cached, Open: openCached, Blobs: true},
	{Name: OnPebble, Open: openOnPebble, Blobs: true, Finds: true},
	{Name: "goleveldb, no indexes", Open: openFloor, Floor: true, Blobs: true},
	{Name: "pebble by hand", Open: openPebble},
	{Name: "bbolt by hand", Open: openBolt},
	{Name: "badger by hand", Open: openBadger},
	{Name: "SQLite (modernc)", Open: openModernc},
	{Name: "bolthold", Open: openBolthold, Rows: 10_000},
	{Name: "badgerhold", Open: openBadgerhold, Rows: 10_000},
	{Name: Memdb, Open: openMemdb, Memory: true},
}, cgoEntries...)

// Names that reports are about.
const (
	Twin      = "twin"
	TwinAgain = "twin again"
	Generated = "generated"
	Cached    = "generated with a cache"
	OnPebble  = "generated on pebble"
	Memdb     = "go-memdb"
)

// Roles are what rows have one of.
var Roles = []string{"admin", "editor", "guest", "member", "owner"}

// ID is the id of the row of a number, Username its username.
func ID(i int) string { return fmt.Sprintf("user-%08d", i) }

// Username: see ID.
func Username(i int) string { return fmt.Sprintf("name%08d", i*7919%100_000_000) }

// Row is the row of a number.
func Row(i int) *User {
	return &User{
		ID:        ID(i),
		Username:  Username(i),
		Role:      Roles[i%len(Roles)],
		Email:     fmt.Sprintf("user%d@example.com", i),
		CreatedAt: time.Unix(1_700_000_000+int64(i), 0).UTC(),
		Active:    i%3 != 0,
		Tags:      []string{"tag-a", fmt.Sprintf("tag-%d", i%100)},
		Hash:      hash(i),
	}
}

// hash is 60 bytes that do not compress well, as those of passwords.
func hash(i int) string {
	const letters = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	rng := rand.NewPCG(uint64(i), 5)
	b := []byte("$2a$10$")
	for len(b) < 60 {
		for n, left := rng.Uint64(), 10; left > 0 && len(b) < 60; n, left = n>>6, left-1 {
			b = append(b, letters[n&63])
		}
	}
	return string(b)
}

// MemberRow is the member of a number.
func MemberRow(i int) *Member {
	u := Row(i)
	return &Member{ID: u.ID, Role: u.Role, Email: u.Email, Hash: u.Hash}
}

// SessionRow is the session of a number, which has expired long ago or lasts
// long.
func SessionRow(i int, expired bool) *Session {
	at := time.Date(2100, 1, 1, 0, 0, i, 0, time.UTC)
	if expired {
		at = time.Date(2001, 1, 1, 0, 0, i, 0, time.UTC)
	}
	return &Session{ID: fmt.Sprintf("session-%08d", i), Username: Row(i).Username, ExpiresAt: at}
}

// BlobRow is the blob of a number.
func BlobRow(i int) *Blob {
	return &Blob{ID: ID(i), Height: int64(i) + 1_000_000, Data: []byte(hash(i) + hash(i+1))}
}

// AccountID is the id of an account and of a counter.
func AccountID(i int) string { return fmt.Sprintf("account-%06d", i) }
