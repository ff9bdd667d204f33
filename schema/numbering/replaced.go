package numbering

import (
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/lang"
	"github.com/storegen/storegen/schema/lock"
	"github.com/storegen/storegen/schema/naming"
)

// retireReplaced handles fields whose struct or enum was replaced by another. Stored
// rows hold numbers of the old type there. Numbers that the new type does not have are
// retired in it, so that it never gives one of them another meaning.
func retireReplaced(l *lock.Lock, s *schema.Set) {
	h := &replacer{lock: l, done: map[[2]string]bool{}}
	fields := func(owner string, fields []*schema.Field) {
		for _, f := range fields {
			if e := l.Find(lock.ID{Kind: lock.Field, Owner: owner, Name: f.Name}); e != nil {
				h.field(e.Shape, f)
			}
		}
	}
	for _, t := range s.Types {
		fields(t.Name, t.Fields)
	}
	for _, t := range s.Tables {
		fields(t.Name, t.Fields)
		e := l.Find(lock.ID{Kind: lock.Table, Owner: "", Name: t.Name})
		if e == nil || len(t.Per) == 0 {
			continue
		}
		if line, ok := lock.ParseTable(e.Shape); ok && len(line.Per) == len(t.Per) {
			for i, f := range t.Per {
				h.pair(line.Per[i].Of, f.Type)
			}
		}
	}
}

// A replacer looks for types that were replaced.
type replacer struct {
	lock *lock.Lock
	done map[[2]string]bool // pairs of names: old and new
	// byOwner are the lines of structs and enums. It is made when first needed, as types
	// are rarely replaced.
	byOwner map[string][]*lock.Entry
}

// field compares the type of a field with the one that its line has.
func (h *replacer) field(shape string, f *schema.Field) {
	if shape == "" || lang.IsScalar(shape) {
		return
	}
	line, ok := lock.ParseField(shape)
	if ok && line.List == (f.Type.Kind == kind.List) && line.Mapped == (f.Type.Kind == kind.Map) {
		h.pair(line.Of, f.Type.ElemOrSelf())
	}
}

// pair handles a type that replaces another, and the types of their fields.
func (h *replacer) pair(former string, now *schema.Type) {
	pair := [2]string{former, now.Name}
	if now.Kind != kind.Struct && now.Kind != kind.Enum || former == now.Name || lang.IsScalar(former) || h.done[pair] {
		return
	}
	h.done[pair] = true
	h.index()
	k := lock.Enum
	if now.Kind == kind.Struct {
		k = lock.Field
	}
	has := map[int64]bool{}
	for _, e := range h.byOwner[now.Name] {
		has[e.Number] = has[e.Number] || e.Kind == k
	}
	for _, e := range h.byOwner[former] {
		switch {
		case e.Kind != k:
		case !has[e.Number]:
			h.retire(lock.ID{Kind: k, Owner: now.Name, Name: e.Name}, e.Number)
		case k == lock.Field && !e.Retired:
			for _, f := range now.Fields {
				if int64(f.Number) == e.Number {
					h.field(e.Shape, f)
				}
			}
		}
	}
}

func (h *replacer) index() {
	if h.byOwner != nil {
		return
	}
	h.byOwner = map[string][]*lock.Entry{}
	for _, e := range h.lock.Entries {
		if naming.Upper.MatchString(e.Owner) {
			h.byOwner[e.Owner] = append(h.byOwner[e.Owner], e)
		}
	}
}

// retire adds a retired line with a number, under a name that is not in use.
func (h *replacer) retire(name lock.ID, number int64) {
	for h.lock.Find(name) != nil {
		name.Name += "_"
	}
	e := &lock.Entry{ID: name, Number: number, Retired: true}
	h.lock.Add(e)
	h.byOwner[name.Owner] = append(h.byOwner[name.Owner], e)
}
