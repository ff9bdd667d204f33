package bench

import (
	"errors"
	"hash/maphash"
	"slices"
	"sync"

	"github.com/syndtr/goleveldb/leveldb"
	"github.com/syndtr/goleveldb/leveldb/filter"
	"github.com/syndtr/goleveldb/leveldb/opt"
	"github.com/syndtr/goleveldb/leveldb/util"
)

// twin is the store that a person would write by hand on goleveldb, as good as
// we can make it: order-preserving keys, a hand codec that decodes in place,
// pooled buffers and batches, a bloom filter, and locks on the keys that are
// written, taken in order, in place of one over the store.
type twin struct {
	db    *leveldb.DB
	wo    *opt.WriteOptions
	seed  maphash.Seed
	locks [256]sync.Mutex
	pool  sync.Pool
}

type twinScratch struct {
	batch      leveldb.Batch
	key, value []byte
	stripes    []int
}

func levelOptions() *opt.Options {
	return &opt.Options{
		Filter: filter.NewBloomFilter(10), BlockCacheCapacity: 128 << 20, BlockSize: 16 << 10, WriteBuffer: 16 << 20,
		DisableSeeksCompaction: true, IteratorSamplingRate: -1, // as the generated store's engine has it
	}
}

func openTwin(o Options) (Contestant, error) {
	db, err := leveldb.OpenFile(o.Dir, levelOptions())
	if err != nil {
		return nil, err
	}
	t := &twin{db: db, wo: &opt.WriteOptions{Sync: o.Sync}, seed: maphash.MakeSeed()}
	t.pool.New = func() any { return new(twinScratch) }
	return t, nil
}

func (t *twin) stripe(kind byte, s string) int {
	return int((maphash.String(t.seed, s) + uint64(kind)) % uint64(len(t.locks)))
}

func (t *twin) lock(sc *twinScratch) {
	slices.Sort(sc.stripes)
	sc.stripes = slices.Compact(sc.stripes)
	for _, i := range sc.stripes {
		t.locks[i].Lock()
	}
}

func (t *twin) unlock(sc *twinScratch) {
	for _, i := range sc.stripes {
		t.locks[i].Unlock()
	}
	sc.stripes = sc.stripes[:0]
	sc.batch.Reset()
	t.pool.Put(sc)
}

func (t *twin) insert(sc *twinScratch, u *User) error {
	sc.key = rowKey(sc.key[:0], u.ID)
	if has, err := t.db.Has(sc.key, nil); err != nil || has {
		return errors.Join(err, errExists)
	}
	sc.key = nameKey(sc.key[:0], u.Username)
	if has, err := t.db.Has(sc.key, nil); err != nil || has {
		return errors.Join(err, errTaken)
	}
	// The longest key first: goleveldb has a buffer for them that grows.
	sc.key = roleKey(sc.key[:0], u.Role, u.ID)
	sc.batch.Put(sc.key, nil)
	sc.key = nameKey(sc.key[:0], u.Username)
	sc.value = append(sc.value[:0], u.ID...)
	sc.batch.Put(sc.key, sc.value)
	sc.key = rowKey(sc.key[:0], u.ID)
	sc.value = appendRow(sc.value[:0], u)
	sc.batch.Put(sc.key, sc.value)
	return nil
}

func (t *twin) Insert(u *User) error {
	sc := t.pool.Get().(*twinScratch)
	sc.stripes = append(sc.stripes, t.stripe('r', u.ID), t.stripe('u', u.Username))
	t.lock(sc)
	defer t.unlock(sc)
	if err := t.insert(sc, u); err != nil {
		return err
	}
	return t.db.Write(&sc.batch, t.wo)
}

func (t *twin) InsertBatch(us []*User) error {
	sc := t.pool.Get().(*twinScratch)
	for _, u := range us {
		sc.stripes = append(sc.stripes, t.stripe('r', u.ID), t.stripe('u', u.Username))
	}
	t.lock(sc)
	defer t.unlock(sc)
	seen := make(map[string]bool, 2*len(us)) // what the batch itself takes
	for _, u := range us {
		if err := t.insert(sc, u); err != nil {
			return err
		}
		if seen["r"+u.ID] || seen["u"+u.Username] {
			return errExists
		}
		seen["r"+u.ID], seen["u"+u.Username] = true, true
	}
	return t.db.Write(&sc.batch, t.wo)
}

func (t *twin) Update(id, role string) error {
	return t.change(id, func(u *User) { u.Role = role })
}

func (t *twin) Touch(id, hash string) error {
	return t.change(id, func(u *User) { u.Hash = hash })
}

func (t *twin) change(id string, fn func(u *User)) error {
	sc := t.pool.Get().(*twinScratch)
	sc.stripes = append(sc.stripes, t.stripe('r', id))
	t.lock(sc)
	defer t.unlock(sc)
	sc.key = rowKey(sc.key[:0], id)
	old, err := t.db.Get(sc.key, nil)
	if err != nil {
		return err
	}
	var u User
	if err := decodeRow(old, &u); err != nil {
		return err
	}
	was := u.Role
	fn(&u)
	if was != u.Role {
		// The longer keys first, as in insert.
		sc.key = roleKey(sc.key[:0], was, id)
		sc.batch.Delete(sc.key)
		sc.key = roleKey(sc.key[:0], u.Role, id)
		sc.batch.Put(sc.key, nil)
	}
	sc.key = rowKey(sc.key[:0], id)
	sc.value = appendRow(sc.value[:0], &u)
	sc.batch.Put(sc.key, sc.value)
	return t.db.Write(&sc.batch, t.wo)
}

func (t *twin) Get(id string, u *User) (bool, error) {
	sc := t.pool.Get().(*twinScratch)
	defer t.pool.Put(sc)
	sc.key = rowKey(sc.key[:0], id)
	b, err := t.db.Get(sc.key, nil)
	if errors.Is(err, leveldb.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	*u = User{ID: id}
	return true, decodeRow(b, u)
}

func (t *twin) Has(id string) (bool, error) {
	sc := t.pool.Get().(*twinScratch)
	defer t.pool.Put(sc)
	sc.key = rowKey(sc.key[:0], id)
	return t.db.Has(sc.key, nil)
}

func (t *twin) GetMany(ids []string, visit func(u *User)) error {
	us := make([]User, len(ids))
	for i, id := range ids {
		ok, err := t.Get(id, &us[i])
		if err != nil {
			return err
		}
		if ok {
			visit(&us[i])
		}
	}
	return nil
}

func (t *twin) GetByUsername(name string, u *User) (bool, error) {
	for {
		sc := t.pool.Get().(*twinScratch)
		sc.key = nameKey(sc.key[:0], name)
		id, err := t.db.Get(sc.key, nil)
		t.pool.Put(sc)
		if errors.Is(err, leveldb.ErrNotFound) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		ok, err := t.Get(string(id), u)
		if err != nil || ok && u.Username == name {
			return ok, err
		}
		// The row has changed in between: look again.
	}
}

func (t *twin) ScanRole(role string, limit int, visit func(u *User)) error {
	_, err := t.PageRole(role, limit, "", visit)
	return err
}

func (t *twin) PageRole(role string, limit int, from string, visit func(u *User)) (next string, err error) {
	snap, err := t.db.GetSnapshot()
	if err != nil {
		return "", err
	}
	defer snap.Release()
	sc := t.pool.Get().(*twinScratch)
	defer t.pool.Put(sc)
	prefix := rolePrefix(nil, role)
	it := snap.NewIterator(&util.Range{Start: append(prefix, from...), Limit: upTo(prefix)}, nil)
	defer it.Release()
	var mem block
	for n := 0; n < limit && it.Next(); {
		u := User{ID: textOf(mem.copy(it.Key()[len(prefix):]))}
		sc.key = rowKey(sc.key[:0], u.ID)
		b, err := snap.Get(sc.key, nil)
		if err != nil {
			return "", err
		}
		if err := decodeRow(b, &u); err != nil {
			return "", err
		}
		visit(&u)
		if n++; n == limit {
			next = u.ID + "\x00" // the first place behind it
		}
	}
	return next, it.Error()
}

// block gives out memory in blocks that grow, for rows that are scanned.
type block struct {
	free []byte
	size int
}

func (b *block) copy(s []byte) []byte {
	if len(s) > len(b.free) {
		b.size = min(max(1<<10, 2*b.size), 32<<10-8)
		b.free = make([]byte, max(b.size, len(s)))
	}
	n := copy(b.free, s)
	out := b.free[:n:n]
	b.free = b.free[n:]
	return out
}

func (t *twin) scan(r *util.Range, visit func(u *User)) error {
	it := t.db.NewIterator(r, nil)
	defer it.Release()
	var mem block
	var u User
	for it.Next() {
		id := mem.copy(it.Key()[1:])
		u = User{ID: textOf(id)}
		if err := decodeRow(mem.copy(it.Value()), &u); err != nil {
			return err
		}
		visit(&u)
	}
	return it.Error()
}

func (t *twin) ScanAll(visit func(u *User)) error {
	return t.scan(util.BytesPrefix([]byte{'r'}), visit)
}

func (t *twin) ScanColumns(visit func(id, email string)) error {
	it := t.db.NewIterator(util.BytesPrefix([]byte{'r'}), nil)
	defer it.Release()
	for it.Next() {
		email, err := decodeEmail(it.Value())
		if err != nil {
			return err
		}
		visit(textOf(it.Key()[1:]), email)
	}
	return it.Error()
}

func (t *twin) ScanPrefix(prefix string, visit func(u *User)) error {
	return t.scan(util.BytesPrefix(rowKey(nil, prefix)), visit)
}

func (t *twin) Delete(id string) error {
	sc := t.pool.Get().(*twinScratch)
	sc.stripes = append(sc.stripes, t.stripe('r', id))
	t.lock(sc)
	defer t.unlock(sc)
	sc.key = rowKey(sc.key[:0], id)
	old, err := t.db.Get(sc.key, nil)
	if errors.Is(err, leveldb.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	role, name, err := decodeIndexed(old)
	if err != nil {
		return err
	}
	sc.key = roleKey(sc.key[:0], role, id) // the longest key first, as in insert
	sc.batch.Delete(sc.key)
	sc.key = nameKey(sc.key[:0], name)
	sc.batch.Delete(sc.key)
	sc.key = rowKey(sc.key[:0], id)
	sc.batch.Delete(sc.key)
	return t.db.Write(&sc.batch, t.wo)
}

func (t *twin) Compact() error { return t.db.CompactRange(util.Range{}) }
func (t *twin) Close() error   { return t.db.Close() }
