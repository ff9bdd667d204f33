package entity

import (
	"bytes"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
)

// Allow checks what a principal may do: with the table, and with one row of it
// if pk is not nil. No principal is trusted code.
func (t *Table) Allow(who *access.Principal, action access.Action, pk []byte) error {
	if who == nil {
		return nil
	}
	err := access.CheckRead(*who, t.Access, t.Name)
	if action == access.Write {
		err = access.CheckWrite(*who, t.Access, t.Name)
	}
	if err != nil || t.Access != access.Owned || pk == nil || t.owns(*who, pk) {
		return err
	}
	return &access.DeniedError{Principal: *who, Action: action, Table: t.Name, Level: t.Access}
}

// owned is what the keys of a principal's own rows begin with. Where the owner
// is the whole key, there is only the one row of that key.
func (t *Table) owned(who access.Principal) (prefix []byte, whole bool) {
	if len(t.Desc.Key) == 1 && scalars(&t.Desc.Fields[t.Desc.Key[0]].Type) == 1 {
		return keys.AppendStringLast(nil, who.User), true
	}
	return keys.AppendString(nil, who.User), false
}

func (t *Table) owns(who access.Principal, pk []byte) bool {
	prefix, whole := t.owned(who)
	return bytes.HasPrefix(pk, prefix) && (!whole || len(pk) == len(prefix))
}

// scalars is the number of components that a type takes in a key.
func scalars(t *catalog.Type) int {
	if t.Kind != kind.Struct {
		return 1
	}
	n := 0
	for i := range t.Fields {
		n += scalars(&t.Fields[i].Type)
	}
	return n
}
