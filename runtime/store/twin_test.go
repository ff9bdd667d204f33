package store_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/storegen/storegen/generated/models"
	"github.com/syndtr/goleveldb/leveldb"
	"github.com/syndtr/goleveldb/leveldb/filter"
	"github.com/syndtr/goleveldb/leveldb/opt"
	"github.com/syndtr/goleveldb/leveldb/util"
)

// This file is what one would write by hand for the table of users, on goleveldb,
// and write well: the measure for what the generated table costs and saves. It
// does what that does, but for transactions over several tables, fields that a
// later program adds, guarded access, descriptions for tools, and providers.

type twinUser struct {
	UserID       models.UserID
	Username     models.UserName
	PasswordHash string
	Role         models.Role
	Email        *string
	AuthType     models.AuthType
	AuthData     json.RawMessage
	StorageMode  models.StorageMode
	StorageID    *models.StorageID
	CreatedAt    time.Time
	UpdatedAt    time.Time
	LastSeen     *time.Time
	DeletedAt    *time.Time
}

var (
	errTwinNotFound = errors.New("not found")
	errTwinExists   = errors.New("already exists")
	errTwinUnique   = errors.New("unique violation")
	errTwinInvalid  = errors.New("invalid")
	errTwinCorrupt  = errors.New("corrupt")
	errTwinCursor   = errors.New("stale cursor")
)

type twinError struct {
	op  string
	id  models.UserID
	err error
}

func (e *twinError) Error() string { return e.op + " users/" + string(e.id) + ": " + e.err.Error() }
func (e *twinError) Unwrap() error { return e.err }

func twinFail(op string, id models.UserID, err error) error {
	if err == nil {
		return nil
	}
	return &twinError{op, id, err}
}

// The key space: rows by id, and one prefix for each index.
const (
	twinRows     = 1
	twinNames    = 2 // folded username: id
	twinRoles    = 3 // role, id
	twinDeleted  = 4 // time, id
	twinExpiries = 5 // time, id
)

const twinKeep = 30 * 24 * time.Hour

type twin struct {
	db  *leveldb.DB
	now func() time.Time
	mu  sync.Mutex // of writers
	// Memory of the one writer there is.
	batch    leveldb.Batch
	key      []byte
	old, new twinEntries
	value    []byte
}

func openTwin(dir string, now func() time.Time) (*twin, error) {
	db, err := leveldb.OpenFile(dir, &opt.Options{
		BlockCacheCapacity: 64 << 20, BlockSize: 16 << 10, WriteBuffer: 16 << 20,
		Filter: filter.NewBloomFilter(10), DisableLargeBatchTransaction: true,
		Strict: opt.StrictJournalChecksum | opt.StrictBlockChecksum | opt.StrictCompaction | opt.StrictReader,
	})
	if err != nil {
		return nil, err
	}
	return &twin{db: db, now: now}, nil
}

func (t *twin) Close() error { return t.db.Close() }

func twinRowKey(dst []byte, id models.UserID) []byte {
	return append(append(dst, twinRows), id...)
}

func appendTwinTime(dst []byte, v time.Time) []byte {
	dst = binary.BigEndian.AppendUint64(dst, uint64(v.Unix())^1<<63)
	return binary.BigEndian.AppendUint32(dst, uint32(v.Nanosecond()))
}

func twinTime(b string) time.Time {
	sec := binary.BigEndian.Uint64([]byte(b[:8])) ^ 1<<63
	return time.Unix(int64(sec), int64(binary.BigEndian.Uint32([]byte(b[8:12])))).UTC()
}

func twinNameKey(dst []byte, name models.UserName) []byte {
	return append(append(dst, twinNames), strings.ToLower(string(name))...)
}

func twinRoleKey(dst []byte, role models.Role) []byte {
	return binary.BigEndian.AppendUint32(append(dst, twinRoles), uint32(role))
}

// twinEntries are the keys of a row's entries, each made into its own buffer.
type twinEntries struct {
	name, role, deleted, expiry []byte // empty: none
}

func (e *twinEntries) of(u *twinUser) {
	e.name = twinNameKey(e.name[:0], u.Username)
	e.role = append(twinRoleKey(e.role[:0], u.Role), u.UserID...)
	e.deleted, e.expiry = e.deleted[:0], e.expiry[:0]
	if u.DeletedAt != nil {
		e.deleted = append(appendTwinTime(append(e.deleted, twinDeleted), *u.DeletedAt), u.UserID...)
		e.expiry = append(appendTwinTime(append(e.expiry, twinExpiries), u.DeletedAt.Add(twinKeep)), u.UserID...)
	}
}

func (e *twinEntries) none() {
	e.name, e.role, e.deleted, e.expiry = e.name[:0], e.role[:0], e.deleted[:0], e.expiry[:0]
}

// Bits that say which of the optional fields a value has.
const (
	twinHasEmail = 1 << iota
	twinHasAuthData
	twinHasStorageID
	twinHasLastSeen
	twinHasDeletedAt
)

func appendTwinText[T ~string | ~[]byte](dst []byte, v T) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(v))), v...)
}

func appendTwinUser(dst []byte, u *twinUser) []byte {
	has := byte(0)
	at := len(dst)
	dst = append(dst, 0)
	dst = appendTwinText(dst, u.Username)
	dst = appendTwinText(dst, u.PasswordHash)
	dst = binary.AppendUvarint(dst, uint64(uint32(u.Role)))
	dst = binary.AppendUvarint(dst, uint64(uint32(u.AuthType)))
	dst = binary.AppendUvarint(dst, uint64(uint32(u.StorageMode)))
	dst = appendTwinTime(dst, u.CreatedAt)
	dst = appendTwinTime(dst, u.UpdatedAt)
	if u.Email != nil {
		has |= twinHasEmail
		dst = appendTwinText(dst, *u.Email)
	}
	if u.AuthData != nil {
		has |= twinHasAuthData
		dst = appendTwinText(dst, u.AuthData)
	}
	if u.StorageID != nil {
		has |= twinHasStorageID
		dst = appendTwinText(dst, *u.StorageID)
	}
	if u.LastSeen != nil {
		has |= twinHasLastSeen
		dst = appendTwinTime(dst, *u.LastSeen)
	}
	if u.DeletedAt != nil {
		has |= twinHasDeletedAt
		dst = appendTwinTime(dst, *u.DeletedAt)
	}
	dst[at] = has
	return dst
}

// twinReader takes a value apart; the fields are parts of one string.
type twinReader struct {
	s   string
	err bool
}

func (r *twinReader) uvarint() uint64 {
	var v uint64
	for i := 0; i < len(r.s) && i < 10; i++ {
		v |= uint64(r.s[i]&0x7F) << (7 * i)
		if r.s[i] < 0x80 {
			r.s = r.s[i+1:]
			return v
		}
	}
	r.err = true
	return 0
}

func (r *twinReader) text() string {
	n := r.uvarint()
	if r.err || n > uint64(len(r.s)) {
		r.err = true
		return ""
	}
	s := r.s[:n]
	r.s = r.s[n:]
	return s
}

func (r *twinReader) time() time.Time {
	if r.err || len(r.s) < 12 {
		r.err = true
		return time.Time{}
	}
	at := twinTime(r.s)
	r.s = r.s[12:]
	return at
}

func decodeTwinUser(id models.UserID, value []byte) (u twinUser, err error) {
	if len(value) == 0 {
		return u, errTwinCorrupt
	}
	r := twinReader{s: string(value[1:])}
	has := value[0]
	u.UserID = id
	u.Username = models.UserName(r.text())
	u.PasswordHash = r.text()
	u.Role = models.Role(r.uvarint())
	u.AuthType = models.AuthType(r.uvarint())
	u.StorageMode = models.StorageMode(r.uvarint())
	u.CreatedAt = r.time()
	u.UpdatedAt = r.time()
	if has&twinHasEmail != 0 {
		s := r.text()
		u.Email = &s
	}
	if has&twinHasAuthData != 0 {
		u.AuthData = json.RawMessage(r.text())
	}
	if has&twinHasStorageID != 0 {
		s := models.StorageID(r.text())
		u.StorageID = &s
	}
	if has&twinHasLastSeen != 0 {
		at := r.time()
		u.LastSeen = &at
	}
	if has&twinHasDeletedAt != 0 {
		at := r.time()
		u.DeletedAt = &at
	}
	if r.err {
		return u, errTwinCorrupt
	}
	return u, nil
}

func (u *twinUser) expired(now time.Time) bool {
	return u.DeletedAt != nil && !now.Before(u.DeletedAt.Add(twinKeep))
}

func (u *twinUser) fill(now time.Time) {
	if u.Role == 0 {
		u.Role = models.RoleUser
	}
	if u.AuthType == 0 {
		u.AuthType = models.AuthTypePassword
	}
	if u.StorageMode == 0 {
		u.StorageMode = models.StorageModeTable
	}
	if u.CreatedAt.IsZero() {
		u.CreatedAt = now.UTC()
	}
	if u.UpdatedAt.IsZero() {
		u.UpdatedAt = now.UTC()
	}
}

func (u *twinUser) check() error {
	switch {
	case len(u.UserID) > 256:
		return fmt.Errorf("%w user_id: too long", errTwinInvalid)
	case len(u.Username) > 256:
		return fmt.Errorf("%w username: too long", errTwinInvalid)
	case u.StorageID != nil && len(*u.StorageID) > 256:
		return fmt.Errorf("%w storage_id: too long", errTwinInvalid)
	case u.Role <= 0 || u.AuthType <= 0 || u.StorageMode <= 0:
		return fmt.Errorf("%w role, auth_type or storage_mode: not set", errTwinInvalid)
	case len(u.AuthData) > 0 && !json.Valid(u.AuthData):
		return fmt.Errorf("%w auth_data: not JSON", errTwinInvalid)
	}
	return nil
}

// get reads a row, expired ones too.
func (t *twin) get(r leveldb.Reader, key []byte, id models.UserID) (twinUser, error) {
	v, err := r.Get(key, nil)
	if errors.Is(err, leveldb.ErrNotFound) {
		return twinUser{}, errTwinNotFound
	}
	if err != nil {
		return twinUser{}, err
	}
	return decodeTwinUser(id, v)
}

var twinKeys = sync.Pool{New: func() any { b := make([]byte, 0, 64); return &b }}

func (t *twin) Get(id models.UserID) (twinUser, error) {
	buf := twinKeys.Get().(*[]byte)
	defer twinKeys.Put(buf)
	*buf = twinRowKey((*buf)[:0], id)
	u, err := t.get(t.db, *buf, id)
	if err == nil && u.expired(t.now()) {
		err = errTwinNotFound
	}
	if err != nil {
		return twinUser{}, twinFail("get", id, err)
	}
	return u, nil
}

func (t *twin) Has(id models.UserID) (bool, error) {
	_, err := t.Get(id)
	if errors.Is(err, errTwinNotFound) {
		return false, nil
	}
	return err == nil, err
}

func (t *twin) GetByUsername(name models.UserName) (twinUser, error) {
	snap, err := t.db.GetSnapshot()
	if err != nil {
		return twinUser{}, err
	}
	defer snap.Release()
	buf := twinKeys.Get().(*[]byte)
	defer twinKeys.Put(buf)
	*buf = twinNameKey((*buf)[:0], name)
	id, err := snap.Get(*buf, nil)
	if errors.Is(err, leveldb.ErrNotFound) {
		return twinUser{}, fmt.Errorf("get users/username=%q: %w", name, errTwinNotFound)
	}
	if err != nil {
		return twinUser{}, err
	}
	*buf = twinRowKey((*buf)[:0], models.UserID(id))
	u, err := t.get(snap, *buf, models.UserID(id))
	switch {
	case errors.Is(err, errTwinNotFound):
		err = fmt.Errorf("%w: the username's row is not there", errTwinCorrupt)
	case err == nil && u.expired(t.now()):
		err = errTwinNotFound
	}
	if err != nil {
		return twinUser{}, twinFail("get", models.UserID(id), err)
	}
	return u, nil
}

func (t *twin) Insert(u *twinUser) error { return t.put("insert", u, true) }
func (t *twin) Put(u *twinUser) error    { return t.put("put", u, false) }

func (t *twin) put(op string, u *twinUser, insert bool) error {
	now := t.now()
	u.fill(now)
	if err := u.check(); err != nil {
		return twinFail(op, u.UserID, err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.key = twinRowKey(t.key[:0], u.UserID)
	before, err := t.get(t.db, t.key, u.UserID)
	switch {
	case errors.Is(err, errTwinNotFound):
		t.old.none()
	case err != nil:
		return twinFail(op, u.UserID, err)
	case insert && !before.expired(now):
		return twinFail(op, u.UserID, errTwinExists)
	default:
		t.old.of(&before)
	}
	t.batch.Reset()
	return twinFail(op, u.UserID, t.replace(u, now))
}

// replace writes a row at t.key, in the place of the one whose entries are t.old.
func (t *twin) replace(u *twinUser, now time.Time) error {
	t.new.of(u)
	if !bytes.Equal(t.old.name, t.new.name) {
		if err := t.claim(u, now); err != nil {
			return err
		}
	}
	t.value = appendTwinUser(t.value[:0], u)
	t.batch.Put(t.key, t.value)
	t.move(t.old.name, t.new.name, []byte(u.UserID))
	t.move(t.old.role, t.new.role, nil)
	t.move(t.old.deleted, t.new.deleted, nil)
	t.move(t.old.expiry, t.new.expiry, nil)
	return t.db.Write(&t.batch, nil)
}

// claim makes sure that nobody else has the username; an expired holder goes.
func (t *twin) claim(u *twinUser, now time.Time) error {
	id, err := t.db.Get(t.new.name, nil)
	if errors.Is(err, leveldb.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if string(id) == string(u.UserID) {
		return nil
	}
	holder, err := t.get(t.db, twinRowKey(nil, models.UserID(id)), models.UserID(id))
	if err != nil {
		return err
	}
	if !holder.expired(now) {
		return fmt.Errorf("%w: username %q is held by %s", errTwinUnique, u.Username, id)
	}
	t.remove(&holder)
	return nil
}

// remove adds the removal of a row to the batch.
func (t *twin) remove(u *twinUser) {
	var e twinEntries
	e.of(u)
	t.batch.Delete(twinRowKey(nil, u.UserID))
	t.move(e.name, nil, nil)
	t.move(e.role, nil, nil)
	t.move(e.deleted, nil, nil)
	t.move(e.expiry, nil, nil)
}

func (t *twin) move(from, to, value []byte) {
	if bytes.Equal(from, to) {
		return
	}
	if len(from) > 0 {
		t.batch.Delete(from)
	}
	if len(to) > 0 {
		t.batch.Put(to, value)
	}
}

func (t *twin) Update(id models.UserID, fn func(u *twinUser) error) error {
	const op = "update"
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	t.key = twinRowKey(t.key[:0], id)
	u, err := t.get(t.db, t.key, id)
	if err == nil && u.expired(now) {
		err = errTwinNotFound
	}
	if err != nil {
		return twinFail(op, id, err)
	}
	t.old.of(&u)
	if err := fn(&u); err != nil {
		return twinFail(op, id, err)
	}
	if u.UserID != id {
		return twinFail(op, id, fmt.Errorf("%w: an update cannot change the key", errTwinInvalid))
	}
	if err := u.check(); err != nil {
		return twinFail(op, id, err)
	}
	t.batch.Reset()
	return twinFail(op, id, t.replace(&u, now))
}

func (t *twin) Delete(id models.UserID) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.key = twinRowKey(t.key[:0], id)
	u, err := t.get(t.db, t.key, id)
	if errors.Is(err, errTwinNotFound) {
		return nil
	}
	if err != nil {
		return twinFail("delete", id, err)
	}
	t.old.of(&u)
	t.new.none()
	t.batch.Reset()
	t.batch.Delete(t.key)
	t.move(t.old.name, nil, nil)
	t.move(t.old.role, nil, nil)
	t.move(t.old.deleted, nil, nil)
	t.move(t.old.expiry, nil, nil)
	return twinFail("delete", id, t.db.Write(&t.batch, nil))
}

// twinScan is a walk: over rows, or over the entries of an index.
type twinScan struct {
	start, end []byte
	idAt       int // where the id begins in an entry's key; 0 for rows
	idInValue  bool
	reverse    bool
	limit      int    // 0: none
	cursor     string // "" is the beginning
}

func (t *twin) All() twinScan { return twinScan{start: []byte{twinRows}, end: []byte{twinRows + 1}} }

func (t *twin) ByUsername() twinScan {
	return twinScan{start: []byte{twinNames}, end: []byte{twinNames + 1}, idInValue: true}
}

func (t *twin) ByRole(role models.Role) twinScan {
	return twinScan{start: twinRoleKey(nil, role), end: twinRoleKey(nil, role+1), idAt: 5}
}

func (t *twin) ByDeleted(from, before time.Time) twinScan {
	return twinScan{start: appendTwinTime([]byte{twinDeleted}, from), end: appendTwinTime([]byte{twinDeleted}, before), idAt: 13}
}

// clip moves the walk's beginning behind the cursor's place.
func (s *twinScan) clip() error {
	if s.cursor == "" {
		return nil
	}
	place, err := base64.RawURLEncoding.DecodeString(s.cursor)
	if err != nil || len(place) < 2 || (place[0] == 1) != s.reverse || bytes.Compare(place[1:], s.start) < 0 || bytes.Compare(place[1:], s.end) >= 0 {
		return errTwinCursor
	}
	if s.reverse {
		s.end = place[1:]
	} else {
		s.start = append(place[1:], 0)
	}
	return nil
}

func (s *twinScan) next(where []byte) string {
	order := byte(0)
	if s.reverse {
		order = 1
	}
	return base64.RawURLEncoding.EncodeToString(append([]byte{order}, where...))
}

// Scan calls visit with the rows of a walk, until it returns false, and returns
// the cursor of the next page where the limit ended it.
func (t *twin) Scan(s twinScan, visit func(u *twinUser) bool) (next string, err error) {
	if err := s.clip(); err != nil {
		return "", err
	}
	snap, err := t.db.GetSnapshot()
	if err != nil {
		return "", err
	}
	defer snap.Release()
	it := snap.NewIterator(&util.Range{Start: s.start, Limit: s.end}, nil)
	defer it.Release()
	first := true
	step := func() bool {
		switch {
		case !s.reverse:
			return it.Next()
		case first:
			first = false
			return it.Last()
		}
		return it.Prev()
	}
	now := t.now()
	var last, key []byte
	for n := 0; step(); n++ {
		id, value := models.UserID(it.Key()[1:]), it.Value()
		if s.idInValue || s.idAt > 0 {
			if s.idInValue {
				id = models.UserID(value)
			} else {
				id = models.UserID(it.Key()[s.idAt:])
			}
			key = twinRowKey(key[:0], id)
			if value, err = snap.Get(key, nil); err != nil {
				return "", fmt.Errorf("scan users: %w: %q has no row: %w", errTwinCorrupt, it.Key(), err)
			}
		}
		u, err := decodeTwinUser(id, value)
		if err != nil {
			return "", twinFail("scan", id, err)
		}
		if u.expired(now) {
			n--
			continue
		}
		if s.limit > 0 && n == s.limit {
			return s.next(last), it.Error()
		}
		if !visit(&u) {
			break
		}
		last = append(last[:0], it.Key()...)
	}
	return "", it.Error()
}

func (t *twin) Count(s twinScan) (n int, err error) {
	_, err = t.Scan(s, func(*twinUser) bool { n++; return true })
	return n, err
}

// Sweep removes up to limit expired rows, the longest expired first.
func (t *twin) Sweep(limit int) (removed int, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	it := t.db.NewIterator(&util.Range{Start: []byte{twinExpiries}, Limit: appendTwinTime([]byte{twinExpiries}, now.Add(1))}, nil)
	defer it.Release()
	t.batch.Reset()
	for (limit == 0 || removed < limit) && it.Next() {
		id := models.UserID(it.Key()[13:])
		u, err := t.get(t.db, twinRowKey(nil, id), id)
		if err != nil {
			return 0, fmt.Errorf("sweep users: %w", err)
		}
		if !u.expired(now) {
			continue
		}
		t.remove(&u)
		removed++
	}
	if err := it.Error(); err != nil {
		return 0, err
	}
	return removed, t.db.Write(&t.batch, nil)
}
