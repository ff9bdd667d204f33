package bench

import (
	"encoding/binary"
	"errors"
	"sync"

	"github.com/storegen/storegen/runtime/store"
	"github.com/syndtr/goleveldb/leveldb"
	"github.com/syndtr/goleveldb/leveldb/util"
)

// finder is a contestant that keeps the members by email too, with the role in the same
// place, as Hyperledger Fabric keeps where the block of a hash is: one read answers.
type finder interface {
	MemberByEmail(email string) (id, role string, found bool, err error)
	MembersByEmail(emails []string, visit func(id, role string)) error
	// NamesFrom visits usernames in their order, with the ids that have them, as CometBFT
	// goes through the values of an attribute in a range: from the index alone. The texts
	// may be kept.
	NamesFrom(name string, limit int, visit func(username, id string)) error
}

func find(p *Player) finder { return p.c.(finder) }

// emails are those of the members.
var emails = sync.OnceValue(func() (out []string) {
	for i := range memberRows {
		out = append(out, MemberRow(i).Email)
	}
	return out
})

// email is the email of a member at random.
func (p *Player) email() string { return emails()[p.rng.IntN(min(p.rows, memberRows))] }

func (g *generated) MemberByEmail(email string) (id, role string, found bool, err error) {
	e, err := g.members.ByEmail.Entry(ctx, email)
	if errors.Is(err, store.ErrNotFound) {
		return "", "", false, nil
	}
	return e.ID, e.Role, err == nil, err
}

func (g *generated) MembersByEmail(emails []string, visit func(id, role string)) error {
	found, err := g.members.ByEmail.EntryMany(ctx, emails)
	for _, e := range found {
		if e != nil {
			visit(e.ID, e.Role)
		}
	}
	return err
}

func (g *generated) NamesFrom(name string, limit int, visit func(username, id string)) error {
	for e, err := range g.st.ByUsername.Entries(ctx, g.st.ByUsername.UsernameFrom(name).Limit(limit)) {
		if err != nil {
			return err
		}
		visit(e.Username, e.ID)
	}
	return nil
}

func (t *twin) NamesFrom(name string, limit int, visit func(username, id string)) error {
	it := t.db.NewIterator(&util.Range{Start: nameKey(nil, name), Limit: []byte{'u' + 1}}, nil)
	defer it.Release()
	var mem block
	for n := 0; n < limit && it.Next(); n++ {
		visit(textOf(mem.copy(it.Key()[1:])), textOf(mem.copy(it.Value())))
	}
	return it.Error()
}

// emailKey is where the twin keeps the id and the role of an email.
func emailKey(dst []byte, email string) []byte { return append(append(dst, 'e'), email...) }

func appendEmailEntry(dst []byte, m *Member) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(m.ID)))
	return append(append(dst, m.ID...), m.Role...)
}

func decodeEmailEntry(b []byte) (id, role string, err error) {
	n, size := binary.Uvarint(b)
	if size <= 0 || n > uint64(len(b)-size) {
		return "", "", errWrong
	}
	return textOf(b[size : size+int(n)]), textOf(b[size+int(n):]), nil
}

func (t *twin) MemberByEmail(email string) (id, role string, found bool, err error) {
	sc := t.pool.Get().(*twinScratch)
	sc.key = emailKey(sc.key[:0], email)
	b, err := t.db.Get(sc.key, nil)
	t.pool.Put(sc)
	if errors.Is(err, leveldb.ErrNotFound) {
		return "", "", false, nil
	}
	if err == nil {
		id, role, err = decodeEmailEntry(b)
	}
	return id, role, err == nil, err
}

func (t *twin) MembersByEmail(emails []string, visit func(id, role string)) error {
	for _, email := range emails {
		id, role, found, err := t.MemberByEmail(email)
		if err != nil {
			return err
		}
		if found {
			visit(id, role)
		}
	}
	return nil
}
