package store

import (
	"bytes"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/catalog"
)

// allow checks what a principal may do: with the table, and with one row of it
// if pk is not nil. No principal is trusted code.
func (t *table) allow(who *access.Principal, action access.Action, pk []byte) error {
	if who == nil {
		return nil
	}
	err := access.CheckRead(*who, t.access, t.name)
	if action == access.Write {
		err = access.CheckWrite(*who, t.access, t.name)
	}
	if err != nil || t.access != access.Owned || pk == nil || t.owns(*who, pk) {
		return err
	}
	return &access.DeniedError{Principal: *who, Action: action, Table: t.name, Level: t.access}
}

// owned is what the keys of a principal's own rows begin with. Where the owner
// is the whole key, there is only the one row of that key.
func (t *table) owned(who access.Principal) (prefix []byte, whole bool) {
	if len(t.desc.Key) == 1 && scalars(&t.desc.Fields[t.desc.Key[0]].Type) == 1 {
		return keys.AppendStringLast(nil, who.User), true
	}
	return keys.AppendString(nil, who.User), false
}

func (t *table) owns(who access.Principal, pk []byte) bool {
	prefix, whole := t.owned(who)
	return bytes.HasPrefix(pk, prefix) && (!whole || len(pk) == len(prefix))
}

// scalars is the number of components that a type takes in a key.
func scalars(t *catalog.Type) int {
	if t.Kind != catalog.Struct {
		return 1
	}
	n := 0
	for i := range t.Fields {
		n += scalars(&t.Fields[i].Type)
	}
	return n
}
