package bench

import (
	"errors"
	"sync"

	"github.com/cockroachdb/pebble"
	"github.com/cockroachdb/pebble/bloom"
)

// pebbleStore is the same by hand on pebble, behind one lock for writes: its
// commits are fast enough not to need more here.
type pebbleStore struct {
	mu sync.Mutex
	db *pebble.DB
	wo *pebble.WriteOptions
}

func openPebble(o Options) (Contestant, error) {
	cache := pebble.NewCache(128 << 20)
	defer cache.Unref()
	po := &pebble.Options{Cache: cache, MemTableSize: 16 << 20, Logger: quiet{}}
	po.Levels = []pebble.LevelOptions{{FilterPolicy: bloom.FilterPolicy(10), BlockSize: 16 << 10}}
	db, err := pebble.Open(o.Dir, po)
	wo := pebble.NoSync
	if o.Sync {
		wo = pebble.Sync
	}
	return &pebbleStore{db: db, wo: wo}, err
}

type quiet struct{}

func (quiet) Infof(string, ...any)  {}
func (quiet) Fatalf(string, ...any) {}

func (p *pebbleStore) get(key []byte) ([]byte, bool, error) {
	v, closer, err := p.db.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	b := append([]byte(nil), v...)
	return b, true, closer.Close()
}

func (p *pebbleStore) has(key []byte) (bool, error) {
	_, closer, err := p.db.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, closer.Close()
}

func (p *pebbleStore) insert(b *pebble.Batch, u *User) error {
	key := rowKey(nil, u.ID)
	if has, err := p.has(key); err != nil || has {
		return errors.Join(err, errExists)
	}
	name := nameKey(nil, u.Username)
	if has, err := p.has(name); err != nil || has {
		return errors.Join(err, errTaken)
	}
	return errors.Join(b.Set(key, appendRow(nil, u), nil), b.Set(name, []byte(u.ID), nil), b.Set(roleKey(nil, u.Role, u.ID), nil, nil))
}

func (p *pebbleStore) Insert(u *User) error { return p.InsertBatch([]*User{u}) }

func (p *pebbleStore) InsertBatch(us []*User) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := p.db.NewBatch()
	defer b.Close()
	for _, u := range us {
		if err := p.insert(b, u); err != nil {
			return err
		}
	}
	return b.Commit(p.wo)
}

func (p *pebbleStore) Update(id, role string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := rowKey(nil, id)
	old, ok, err := p.get(key)
	if err != nil || !ok {
		return errors.Join(err, errNotFound)
	}
	var u User
	if err := decodeRow(old, &u); err != nil {
		return err
	}
	was := u.Role
	u.Role = role
	b := p.db.NewBatch()
	defer b.Close()
	err = b.Set(key, appendRow(nil, &u), nil)
	if was != role {
		err = errors.Join(err, b.Delete(roleKey(nil, was, id), nil), b.Set(roleKey(nil, role, id), nil, nil))
	}
	return errors.Join(err, b.Commit(p.wo))
}

func (p *pebbleStore) Get(id string, u *User) (bool, error) {
	b, ok, err := p.get(rowKey(nil, id))
	if err != nil || !ok {
		return false, err
	}
	*u = User{ID: id}
	return true, decodeRow(b, u)
}

func (p *pebbleStore) Has(id string) (bool, error) { return p.has(rowKey(nil, id)) }

func (p *pebbleStore) GetMany(ids []string, visit func(u *User)) error {
	return getEach(p, ids, visit)
}

// getEach is GetMany for those that have nothing better.
func getEach(c Contestant, ids []string, visit func(u *User)) error {
	for _, id := range ids {
		var u User
		ok, err := c.Get(id, &u)
		if err != nil {
			return err
		}
		if ok {
			visit(&u)
		}
	}
	return nil
}

func (p *pebbleStore) GetByUsername(name string, u *User) (bool, error) {
	id, ok, err := p.get(nameKey(nil, name))
	if err != nil || !ok {
		return false, err
	}
	return p.Get(string(id), u)
}

func (p *pebbleStore) scan(r pebble.Reader, prefix []byte, visit func(key, value []byte) (bool, error)) error {
	end := append([]byte(nil), prefix...)
	end[len(end)-1]++
	it, err := r.NewIter(&pebble.IterOptions{LowerBound: prefix, UpperBound: end})
	if err != nil {
		return err
	}
	for ok := it.First(); ok; ok = it.Next() {
		more, err := visit(it.Key(), it.Value())
		if err != nil || !more {
			return errors.Join(err, it.Close())
		}
	}
	return it.Close()
}

func (p *pebbleStore) ScanRole(role string, limit int, visit func(u *User)) error {
	snap := p.db.NewSnapshot()
	defer snap.Close()
	prefix := rolePrefix(nil, role)
	n := 0
	return p.scan(snap, prefix, func(key, _ []byte) (bool, error) {
		u := User{ID: string(key[len(prefix):])}
		v, closer, err := snap.Get(rowKey(nil, u.ID))
		if err != nil {
			return false, err
		}
		err = decodeRow(append([]byte(nil), v...), &u)
		visit(&u)
		n++
		return n < limit, errors.Join(err, closer.Close())
	})
}

func (p *pebbleStore) rows(prefix []byte, visit func(u *User)) error {
	var mem block
	return p.scan(p.db, prefix, func(key, value []byte) (bool, error) {
		u := User{ID: textOf(mem.copy(key[1:]))}
		err := decodeRow(mem.copy(value), &u)
		visit(&u)
		return true, err
	})
}

func (p *pebbleStore) ScanAll(visit func(u *User)) error { return p.rows([]byte{'r'}, visit) }

func (p *pebbleStore) ScanPrefix(prefix string, visit func(u *User)) error {
	return p.rows(rowKey(nil, prefix), visit)
}

func (p *pebbleStore) Delete(id string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := rowKey(nil, id)
	old, ok, err := p.get(key)
	if err != nil || !ok {
		return err
	}
	role, name, err := decodeIndexed(old)
	if err != nil {
		return err
	}
	b := p.db.NewBatch()
	defer b.Close()
	return errors.Join(b.Delete(key, nil), b.Delete(nameKey(nil, name), nil), b.Delete(roleKey(nil, role, id), nil), b.Commit(p.wo))
}

func (p *pebbleStore) Compact() error { return p.db.Compact([]byte{0}, []byte{255}, false) }
func (p *pebbleStore) Close() error   { return p.db.Close() }
