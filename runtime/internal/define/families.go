package define

import (
	"bytes"
	"context"
	"errors"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/entity"
	"github.com/storegen/storegen/runtime/internal/layout"
	"github.com/storegen/storegen/runtime/internal/records"
	"github.com/storegen/storegen/runtime/internal/txn"
)

// OpenMember opens one member of a family, and gives it a place in the database
// if it has none. member is the encoded parts that tell it apart, text the same
// for people. invalid is what is wrong with the parts, if anything: a member that is
// there may be of before a limit came, and opens, and a new one does not.
func OpenMember(ctx context.Context, db *entity.DB, c layout.RowCodec, member []byte, text string, invalid error, opts ...entity.TableOption) (entity.Handle, error) {
	t, _, _, err := memberToOpen(ctx, db, "open", c, member, text, invalid, opts)
	if err != nil {
		return entity.Handle{}, err
	}
	if err := register(db, t); err != nil {
		return entity.Handle{}, &errs.Error{Op: "open", Table: t.Name, Err: err}
	}
	return entity.NewHandle(t, db.Root), nil
}

// memberToOpen is a member that can be opened, with the places of its mark.
func memberToOpen(ctx context.Context, db *entity.DB, op string, c layout.RowCodec, member []byte, text string, invalid error, opts []entity.TableOption) (*entity.Table, mark, entity.TableOptions, error) {
	var o entity.TableOptions
	for _, opt := range opts {
		opt(&o)
	}
	desc := c.Desc()
	name := memberName(c, text)
	fail := func(err error) (*entity.Table, mark, entity.TableOptions, error) {
		return nil, mark{}, o, &errs.Error{Op: op, Table: name, Err: err}
	}
	if err := openFamily(ctx, db, desc, func(space uint64, text string) *entity.Table {
		return entity.NewTable(db, space, memberName(c, text), desc, c, entity.TableOptions{})
	}); err != nil {
		return fail(err)
	}
	family, rec, err := ensureMember(ctx, db, desc, member, text, invalid)
	if err != nil {
		return fail(err)
	}
	m := mark{member: true, keys: [][]byte{
		append(records.MemberPrefix(family.Space), member...), keys.AppendUvarint(records.CatalogKey(records.CatalogReverse), rec.Space),
	}}
	if err := endLoad(ctx, db, rec.Space, m, rec.Loading); err != nil {
		return fail(err)
	}
	t := entity.NewTable(db, rec.Space, name, desc, c, o)
	t.Expires = t.Expires || rec.Expires
	t.UseParts(rec.Parts)
	return t, m, o, nil
}

// memberName is what messages call a member.
func memberName(c layout.RowCodec, text string) string { return c.Desc().Name + "[" + text + "]" }

// openFamily checks a family against the catalog, the first time that one of
// its members is opened.
func openFamily(ctx context.Context, db *entity.DB, desc *catalog.Table, open entity.MemberOpener) error {
	db.Mu.Lock()
	known := db.Families[desc.Name] != nil
	db.Mu.Unlock()
	if known {
		return nil
	}
	rec, err := ensure(ctx, db, desc)
	if err != nil {
		return err
	}
	err = fit(ctx, db, rec, desc, func() ([]*entity.Table, error) {
		members, err := listMembers(ctx, db, rec.Space)
		if err != nil {
			return nil, err
		}
		var ts []*entity.Table
		for _, m := range members {
			ts = append(ts, open(m.Space, m.Text))
		}
		return ts, nil
	})
	if err != nil {
		return err
	}
	db.Mu.Lock()
	defer db.Mu.Unlock()
	db.Unswept.Forget()
	expires, parts := rec.Expires(), rec.Parts
	db.Families[desc.Name] = func(space uint64, text string) *entity.Table {
		t := open(space, text)
		t.Expires = t.Expires || expires
		t.UseParts(parts)
		return t
	}
	return nil
}

func ensureMember(ctx context.Context, db *entity.DB, desc *catalog.Table, member []byte, text string, invalid error) (*records.TableRecord, *records.MemberRecord, error) {
	family, err := ensure(ctx, db, desc)
	if err != nil {
		return nil, nil, err
	}
	if family.Space == layout.SpaceNone {
		return family, &records.MemberRecord{Space: layout.SpaceNone, Family: desc.Name, Member: member, Text: text}, nil
	}
	key := append(records.MemberPrefix(family.Space), member...)
	rec := new(records.MemberRecord)
	err = records.ReadRecord(ctx, db.Eng, key, rec)
	rec.Expires, rec.Parts = family.Expires(), family.Parts
	switch {
	case !errors.Is(err, errs.ErrNotFound):
		return family, rec, err
	case invalid != nil:
		return nil, nil, invalid
	}
	err = db.Run(ctx, db.Usual(), true, func(w *txn.Writer) error {
		v, err := w.Tx.GetForUpdate(ctx, key)
		if err == nil {
			return records.DecodeRecord(key, v, rec) // another one was faster
		}
		if !errors.Is(err, engine.ErrNotFound) {
			return err
		}
		space, err := records.NextSpace(ctx, w.Tx)
		if err != nil {
			return err
		}
		*rec = records.MemberRecord{Space: space, Family: desc.Name, Member: bytes.Clone(member), Text: text, Expires: family.Expires(), Parts: family.Parts}
		if err := records.WriteRecord(w.Tx, key, rec); err != nil {
			return err
		}
		return records.WriteRecord(w.Tx, keys.AppendUvarint(records.CatalogKey(records.CatalogReverse), space), rec)
	})
	if errors.Is(err, errs.ErrReadOnly) {
		return family, &records.MemberRecord{Space: layout.SpaceNone, Family: desc.Name, Member: member, Text: text}, nil
	}
	return family, rec, err
}

// listMembers lists the members of the family that has a space, in the order of
// their encoded parts.
func listMembers(ctx context.Context, db *entity.DB, family uint64) ([]records.MemberRecord, error) {
	prefix := records.MemberPrefix(family)
	it := db.Eng.Iterate(ctx, engine.Range{Start: prefix, End: keys.Successor(prefix)})
	defer it.Close()
	var out []records.MemberRecord
	for it.Next() {
		var rec records.MemberRecord
		if err := records.DecodeRecord(it.Key(), it.Value(), &rec); err != nil {
			return nil, err
		}
		if !bytes.Equal(it.Key()[len(prefix):], rec.Member) {
			return nil, errs.Corrupt(it.Key(), errors.New("the record is of another member"))
		}
		out = append(out, rec)
	}
	return out, it.Close()
}

// Members lists the members of a family as the encoded parts that tell them
// apart, in order. Generated code makes typed ones of them. A family that the
// database has under a former name has its members already, before it is opened
// under its new one; a family that does not fit the code's is a SchemaError.
func Members(ctx context.Context, db *entity.DB, family *catalog.Table) ([][]byte, error) {
	rec, err := stored(ctx, db, family)
	if err != nil || rec == nil {
		return nil, err
	}
	var refused []catalog.Difference
	for _, d := range catalog.Compare(rec.Table, family) {
		if d.Refused() {
			refused = append(refused, d)
		}
	}
	if len(refused) > 0 {
		return nil, &errs.SchemaError{Table: family.Name, Differences: refused, Fix: refusedFix(refused)}
	}
	found, err := listMembers(ctx, db, rec.Space)
	var out [][]byte
	for _, m := range found {
		out = append(out, m.Member)
	}
	return out, err
}
