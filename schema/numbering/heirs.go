package numbering

import (
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/lang"
	"github.com/storegen/storegen/schema/lock"
	"github.com/storegen/storegen/schema/naming"
)

// giveToHeirs keeps the numbers of a struct or enum for the one that has taken its place in
// a field. Rows hold the former's numbers there: those that its heir does not have are
// retired in it too, or what it gets later would be read from what the former left.
func giveToHeirs(l *lock.Lock, s *schema.Set) {
	h := &heirs{lock: l, done: map[[2]string]bool{}}
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

type heirs struct {
	lock *lock.Lock
	done map[[2]string]bool
	// byOwner are the lines of structs and enums, made when they are first wanted:
	// types are seldom replaced.
	byOwner map[string][]*lock.Entry
}

// field looks at a field whose line had a shape before.
func (h *heirs) field(shape string, f *schema.Field) {
	if shape == "" || lang.IsScalar(shape) {
		return
	}
	line, ok := lock.ParseField(shape)
	if ok && line.List == (f.Type.Kind == schema.List) && line.Mapped == (f.Type.Kind == schema.Map) {
		h.pair(line.Of, f.Type.ElemOrSelf())
	}
}

// pair makes a type the heir of the one of a former name, and likewise those of their
// fields.
func (h *heirs) pair(former string, now *schema.Type) {
	pair := [2]string{former, now.Name}
	if now.Kind != schema.Struct && now.Kind != schema.Enum || former == now.Name || lang.IsScalar(former) || h.done[pair] {
		return
	}
	h.done[pair] = true
	h.index()
	kind := lock.Enum
	if now.Kind == schema.Struct {
		kind = lock.Field
	}
	has := map[int64]bool{}
	for _, e := range h.byOwner[now.Name] {
		has[e.Number] = has[e.Number] || e.Kind == kind
	}
	for _, e := range h.byOwner[former] {
		switch {
		case e.Kind != kind:
		case !has[e.Number]:
			h.retire(lock.ID{Kind: kind, Owner: now.Name, Name: e.Name}, e.Number)
		case kind == lock.Field && !e.Retired:
			for _, f := range now.Fields {
				if int64(f.Number) == e.Number {
					h.field(e.Shape, f)
				}
			}
		}
	}
}

func (h *heirs) index() {
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

// retire gives a number to nothing, under a name that is free.
func (h *heirs) retire(name lock.ID, number int64) {
	for h.lock.Find(name) != nil {
		name.Name += "_"
	}
	e := &lock.Entry{ID: name, Number: number, Retired: true}
	h.lock.Add(e)
	h.byOwner[name.Owner] = append(h.byOwner[name.Owner], e)
}
