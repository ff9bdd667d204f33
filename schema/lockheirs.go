package schema

// giveToHeirs keeps the numbers of a struct or enum for the one that has taken its place in
// a field. Rows hold the former's numbers there: those that its heir does not have are
// retired in it too, or what it gets later would be read from what the former left.
func giveToHeirs(l *Lock, s *Set) {
	h := &heirs{lock: l, done: map[[2]string]bool{}}
	fields := func(owner string, fields []*Field) {
		for _, f := range fields {
			if e := l.find(lockName{lockField, owner, f.Name}); e != nil {
				h.field(e.shape, f)
			}
		}
	}
	for _, t := range s.Types {
		fields(t.Name, t.Fields)
	}
	for _, t := range s.Tables {
		fields(t.Name, t.Fields)
		e := l.find(lockName{lockTable, "", t.Name})
		if e == nil || len(t.Per) == 0 {
			continue
		}
		if line, ok := parseTableLine(e.shape); ok && len(line.per) == len(t.Per) {
			for i, f := range t.Per {
				h.pair(line.per[i].of, f.Type)
			}
		}
	}
}

type heirs struct {
	lock *Lock
	done map[[2]string]bool
	// byOwner are the lines of structs and enums, made when they are first wanted:
	// types are seldom replaced.
	byOwner map[string][]*lockEntry
}

// field looks at a field whose line had a shape before.
func (h *heirs) field(shape string, f *Field) {
	if shape == "" || isScalar(shape) {
		return
	}
	line, ok := parseFieldLine(shape)
	if ok && line.list == (f.Type.Kind == List) && line.mapped == (f.Type.Kind == Map) {
		h.pair(line.of, f.Type.ElemOrSelf())
	}
}

// pair makes a type the heir of the one of a former name, and likewise those of their
// fields.
func (h *heirs) pair(former string, now *Type) {
	pair := [2]string{former, now.Name}
	if now.Kind != Struct && now.Kind != Enum || former == now.Name || isScalar(former) || h.done[pair] {
		return
	}
	h.done[pair] = true
	h.index()
	kind := lockEnum
	if now.Kind == Struct {
		kind = lockField
	}
	has := map[int64]bool{}
	for _, e := range h.byOwner[now.Name] {
		has[e.number] = has[e.number] || e.kind == kind
	}
	for _, e := range h.byOwner[former] {
		switch {
		case e.kind != kind:
		case !has[e.number]:
			h.retire(lockName{kind, now.Name, e.name}, e.number)
		case kind == lockField && !e.retired:
			for _, f := range now.Fields {
				if int64(f.Number) == e.number {
					h.field(e.shape, f)
				}
			}
		}
	}
}

func (h *heirs) index() {
	if h.byOwner != nil {
		return
	}
	h.byOwner = map[string][]*lockEntry{}
	for _, e := range h.lock.entries {
		if upperName.MatchString(e.owner) {
			h.byOwner[e.owner] = append(h.byOwner[e.owner], e)
		}
	}
}

// retire gives a number to nothing, under a name that is free.
func (h *heirs) retire(name lockName, number int64) {
	for h.lock.find(name) != nil {
		name.name += "_"
	}
	e := &lockEntry{lockName: name, number: number, retired: true}
	h.lock.add(e)
	h.byOwner[name.owner] = append(h.byOwner[name.owner], e)
}
