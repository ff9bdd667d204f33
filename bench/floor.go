package bench

import (
	"errors"
	"unsafe"

	"github.com/syndtr/goleveldb/leveldb"
)

// floor is goleveldb with rows only: no index, no check. What it does is the
// least that anything on goleveldb costs.
type floor struct{ *twin }

func textOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func openFloor(o Options) (Contestant, error) {
	c, err := openTwin(o)
	if err != nil {
		return nil, err
	}
	return floor{c.(*twin)}, nil
}

func (f floor) Insert(u *User) error {
	sc := f.pool.Get().(*twinScratch)
	defer f.pool.Put(sc)
	sc.key, sc.value = rowKey(sc.key[:0], u.ID), appendRow(sc.value[:0], u)
	return f.db.Put(sc.key, sc.value, f.wo)
}

func (f floor) InsertBatch(us []*User) error {
	sc := f.pool.Get().(*twinScratch)
	defer f.unlock(sc)
	for _, u := range us {
		sc.key, sc.value = rowKey(sc.key[:0], u.ID), appendRow(sc.value[:0], u)
		sc.batch.Put(sc.key, sc.value)
	}
	return f.db.Write(&sc.batch, f.wo)
}

func (f floor) Update(id, role string) error {
	return f.change(id, func(u *User) { u.Role = role })
}

func (f floor) Touch(id, hash string) error {
	return f.change(id, func(u *User) { u.Hash = hash })
}

func (f floor) change(id string, fn func(u *User)) error {
	var u User
	if ok, err := f.Get(id, &u); err != nil || !ok {
		return errors.Join(err, leveldb.ErrNotFound)
	}
	fn(&u)
	return f.Insert(&u)
}

var errNoIndex = errors.New("the floor keeps no indexes")

func (f floor) GetByUsername(string, *User) (bool, error) { return false, errNoIndex }
func (f floor) ScanRole(string, int, func(u *User)) error { return errNoIndex }

func (f floor) PageRole(string, int, string, func(u *User)) (string, error) {
	return "", errNoIndex
}

func (f floor) RoleEmails(string, int, func(id, email string)) error { return errNoIndex }
func (f floor) Sweep() (int, error)                                  { return 0, errNoIndex }

// Transfer is without locks: two reads and a write of two rows.
func (f floor) Transfer(account, counter string, amount int64) error {
	sc := f.pool.Get().(*twinScratch)
	defer f.unlock(sc)
	sc.key = accountKey(sc.key[:0], account)
	if err := f.add(sc, -amount); err != nil {
		return err
	}
	sc.key = counterKey(sc.key[:0], counter)
	if err := f.add(sc, amount); err != nil {
		return err
	}
	return f.db.Write(&sc.batch, f.wo)
}

func (f floor) Delete(id string) error {
	sc := f.pool.Get().(*twinScratch)
	defer f.pool.Put(sc)
	sc.key = rowKey(sc.key[:0], id)
	return f.db.Delete(sc.key, f.wo)
}
