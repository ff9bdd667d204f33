// Package before is a store as programs write it by hand, table by table: keys
// are text with separators, values are JSON, and an index is one more key that
// every write has to remember. It is what the example migrates away from, and has
// the weaknesses that such stores have: a row and its index entries are written
// one after the other, and a unique name is looked up before it is written.
package before

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/syndtr/goleveldb/leveldb"
	"github.com/syndtr/goleveldb/leveldb/opt"
	"github.com/syndtr/goleveldb/leveldb/util"
)

var (
	// ErrNotFound: the row is not there.
	ErrNotFound = errors.New("not found")
	// ErrNameTaken: another user has the name.
	ErrNameTaken = errors.New("name is taken")
)

// User is a row of the users. Times are milliseconds since 1970, 0 for none.
type User struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Hash      string `json:"hash"`
	Role      string `json:"role"`
	Email     string `json:"email,omitempty"`
	CreatedAt int64  `json:"created_at"`
	UpdatedAt int64  `json:"updated_at"`
	DeletedAt int64  `json:"deleted_at,omitempty"`
}

// Job is a row of the jobs.
type Job struct {
	ID         string `json:"id"`
	Type       string `json:"type"`
	Namespace  string `json:"namespace"`
	Status     string `json:"status"`
	Node       string `json:"node"`
	CreatedAt  int64  `json:"created_at"`
	StartedAt  int64  `json:"started_at,omitempty"`
	FinishedAt int64  `json:"finished_at,omitempty"`
}

// Version is a version of a table's schema.
type Version struct {
	Namespace string    `json:"namespace"`
	Table     string    `json:"table"`
	Version   uint32    `json:"version"`
	Columns   []Column  `json:"columns"`
	CreatedAt time.Time `json:"created_at"` // wherever the writer was
	Changes   string    `json:"changes"`
}

// Column is a column of a Version.
type Column struct {
	Name     string `json:"name"`
	Type     string `json:"type"`
	Nullable bool   `json:"nullable"`
	Ordinal  uint32 `json:"ordinal"`
}

// Store keeps users, jobs and versions in one goleveldb database.
type Store struct{ db *leveldb.DB }

// New returns a store over an open database, which stays the caller's to close.
func New(db *leveldb.DB) *Store { return &Store{db} }

var synced = &opt.WriteOptions{Sync: true}

func (s *Store) put(key string, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return s.db.Put([]byte(key), b, synced)
}

func (s *Store) get(key string, into any) error {
	b, err := s.db.Get([]byte(key), nil)
	if errors.Is(err, leveldb.ErrNotFound) {
		return ErrNotFound
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("key %q: %w", key, err)
	}
	return nil
}

func (s *Store) delete(key string) error { return s.db.Delete([]byte(key), synced) }

// each calls visit with the values behind a prefix and from a key on.
func each[V any](s *Store, prefix, from string, visit func(V) (bool, error)) error {
	r := util.BytesPrefix([]byte(prefix))
	r.Start = []byte(prefix + from)
	it := s.db.NewIterator(r, nil)
	defer it.Release()
	for it.Next() {
		var v V
		if err := json.Unmarshal(it.Value(), &v); err != nil {
			return fmt.Errorf("key %q: %w", it.Key(), err)
		}
		more, err := visit(v)
		if err != nil || !more {
			return err
		}
	}
	return it.Error()
}

func nameKey(name string) string { return "user_name:" + strings.ToLower(name) }

// GetUser returns a user, or ErrNotFound.
func (s *Store) GetUser(id string) (User, error) {
	var u User
	return u, s.get("user:"+id, &u)
}

// UserByName returns the user of a name, in whatever case.
func (s *Store) UserByName(name string) (User, error) {
	var id string
	if err := s.get(nameKey(name), &id); err != nil {
		return User{}, err
	}
	return s.GetUser(id)
}

// PutUser writes a user. ErrNameTaken says that another one has its name.
func (s *Store) PutUser(u User) error {
	var holder string
	switch err := s.get(nameKey(u.Name), &holder); {
	case err == nil && holder != u.ID:
		return fmt.Errorf("user %s: %w by %s", u.ID, ErrNameTaken, holder)
	case err != nil && !errors.Is(err, ErrNotFound):
		return err
	}
	was, err := s.GetUser(u.ID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if err == nil && nameKey(was.Name) != nameKey(u.Name) {
		if err := s.delete(nameKey(was.Name)); err != nil {
			return err
		}
	}
	if err := s.put("user:"+u.ID, u); err != nil {
		return err
	}
	return s.put(nameKey(u.Name), u.ID)
}

// DeleteUser removes a user, if it is there.
func (s *Store) DeleteUser(id string) error {
	u, err := s.GetUser(id)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(s.delete(nameKey(u.Name)), s.delete("user:"+id))
}

// EachUser calls visit with the users from an id on, in the order of ids, until
// it returns false.
func (s *Store) EachUser(from string, visit func(User) (bool, error)) error {
	return each(s, "user:", from, visit)
}

func statusKey(j Job) string {
	return fmt.Sprintf("job_status:%s:%020d:%s", j.Status, j.CreatedAt, j.ID)
}

// GetJob returns a job, or ErrNotFound.
func (s *Store) GetJob(id string) (Job, error) {
	var j Job
	return j, s.get("job:"+id, &j)
}

// PutJob writes a job.
func (s *Store) PutJob(j Job) error {
	was, err := s.GetJob(j.ID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if err == nil && statusKey(was) != statusKey(j) {
		if err := s.delete(statusKey(was)); err != nil {
			return err
		}
	}
	if err := s.put("job:"+j.ID, j); err != nil {
		return err
	}
	return s.put(statusKey(j), j.ID)
}

// DeleteJob removes a job, if it is there.
func (s *Store) DeleteJob(id string) error {
	j, err := s.GetJob(id)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(s.delete(statusKey(j)), s.delete("job:"+id))
}

// JobsByStatus returns the jobs of a status, the oldest first.
func (s *Store) JobsByStatus(status string) ([]Job, error) {
	var out []Job
	err := each(s, "job_status:"+status+":", "", func(id string) (bool, error) {
		j, err := s.GetJob(id)
		out = append(out, j)
		return true, err
	})
	return out, err
}

// EachJob calls visit with the jobs from an id on, in the order of ids, until it
// returns false.
func (s *Store) EachJob(from string, visit func(Job) (bool, error)) error {
	return each(s, "job:", from, visit)
}

// VersionID is the three parts of a version's key as one text. A colon within a
// part makes the keys of two versions one.
func VersionID(namespace, table string, version uint32) string {
	return fmt.Sprintf("%s:%s:%010d", namespace, table, version)
}

// ID is the key of the version.
func (v Version) ID() string { return VersionID(v.Namespace, v.Table, v.Version) }

// GetVersion returns a version, or ErrNotFound.
func (s *Store) GetVersion(id string) (Version, error) {
	var v Version
	return v, s.get("version:"+id, &v)
}

// PutVersion writes a version.
func (s *Store) PutVersion(v Version) error { return s.put("version:"+v.ID(), v) }

// DeleteVersion removes a version, if it is there.
func (s *Store) DeleteVersion(id string) error { return s.delete("version:" + id) }

// EachVersion calls visit with the versions from an id on, in the order of ids,
// until it returns false.
func (s *Store) EachVersion(from string, visit func(Version) (bool, error)) error {
	return each(s, "version:", from, visit)
}

// What a migration needs beside the program's methods. None of it writes a row: the
// JSON stays as it is, with members of which this program knows nothing.

// Strict reads a row, given by its table, "user", "job" or "version", and its id. A
// member that the row's type lacks is an error: a program that reads the row and
// writes it elsewhere would lose it.
func (s *Store) Strict(table, id string, row any) error {
	key := table + ":" + id
	b, err := s.db.Get([]byte(key), nil)
	if errors.Is(err, leveldb.ErrNotFound) {
		return ErrNotFound
	}
	if err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(row); err != nil {
		return fmt.Errorf("key %q, of which something would be lost: %w", key, err)
	}
	return nil
}

// IndexUser writes the index entry of a user, as its row says.
func (s *Store) IndexUser(u User) error { return s.put(nameKey(u.Name), u.ID) }

// IndexJob writes the index entry of a job, as its row says.
func (s *Store) IndexJob(j Job) error { return s.put(statusKey(j), j.ID) }

// What a migration notes in the store that it moves: how far each table is, and
// the rows that are being written to both sides.

// Note returns a note, "" if there is none.
func (s *Store) Note(name string) (string, error) {
	var text string
	err := s.get("migrate:"+name, &text)
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return text, err
}

// SetNote writes a note; "" removes it.
func (s *Store) SetNote(name, text string) error {
	if text == "" {
		return s.delete("migrate:" + name)
	}
	return s.put("migrate:"+name, text)
}

// Notes returns the notes whose names begin with a prefix.
func (s *Store) Notes(prefix string) ([]string, error) {
	var out []string
	err := each(s, "migrate:"+prefix, "", func(text string) (bool, error) {
		out = append(out, text)
		return true, nil
	})
	return out, err
}

// Drop removes all rows and index entries of a table: "user", "job" or "version".
func (s *Store) Drop(table string) error {
	for _, prefix := range []string{table + ":", table + "_name:", table + "_status:"} {
		it := s.db.NewIterator(util.BytesPrefix([]byte(prefix)), nil)
		batch := new(leveldb.Batch)
		for it.Next() {
			batch.Delete(it.Key())
		}
		it.Release()
		if err := errors.Join(it.Error(), s.db.Write(batch, synced)); err != nil {
			return err
		}
	}
	return nil
}
