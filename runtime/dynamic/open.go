package dynamic

import (
	"context"
	"fmt"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/storeimpl"
)

// Table is a table that is opened by its description. It may be used by several goroutines.
type Table struct{ h storeimpl.Handle }

// Open opens a table by its description, which is as a rule the one that the database has
// (see store.DB.Tables). Another one is a change of the table, as by generated code: it is
// adopted or refused. The error is that of Codec for rows that this package cannot read.
func Open(ctx context.Context, db *store.DB, t *catalog.Table, opts ...store.TableOption) (*Table, error) {
	if len(t.Per) > 0 {
		return nil, fmt.Errorf("table %s is a family: open one of its members with OpenMember", t.Name)
	}
	c, err := Codec(t)
	if err != nil {
		return nil, err
	}
	h, err := storeimpl.OpenTable(ctx, db, c, opts...)
	if err != nil {
		return nil, err
	}
	return &Table{h}, nil
}

// MemberText is a member of a family as messages name it, its parts joined by slashes.
func MemberText(t *catalog.Table, member []byte) (string, error) {
	parts := memberParts(t)
	fields := newFields(t.Per)
	r := keys.NewReader(member)
	for i := range parts {
		parts[i].read(&r, fields)
	}
	if err := r.Done(); err != nil {
		return "", fmt.Errorf("a member of %s: %w", t.Name, err)
	}
	return joined(parts, fields), nil
}

// OpenMember is Open for a member of a family, as store.DB.Members gives it.
func OpenMember(ctx context.Context, db *store.DB, t *catalog.Table, member []byte, opts ...store.TableOption) (*Table, error) {
	c, err := Codec(t)
	if err != nil {
		return nil, err
	}
	text, err := MemberText(t, member)
	if err != nil {
		return nil, err
	}
	h, err := storeimpl.OpenMember(ctx, db, c, member, text, nil, opts...)
	if err != nil {
		return nil, err
	}
	return &Table{h}, nil
}

// Handle is the table without its types, for package provider and others.
func (t *Table) Handle() *storeimpl.Handle { return &t.h }
