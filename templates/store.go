package templates

import "strings"

// storeFile emits users_store.go: the store of a table, or of the members of a
// family. Its methods have pointers for receivers and are short:
// they are compiled again for each table, and those of a value twice. Those that say
// by their names what they do share a comment, and a line each is enough for them.
func (t *table) storeFile() *source {
	s := t.file("store")
	var indexes []string
	runs := "(*storeimpl.Run)(&s.ByKey)"
	for _, ix := range t.Indexes {
		indexes = append(indexes, doc(indexDoc(t, ix)), "By"+ix.GoName+" "+t.ownName(ix.GoName+"Index"))
		runs += ", (*storeimpl.Run)(&s.By" + ix.GoName + ")"
	}
	s.add(t.text(`
// Store is the table $name, and its indexes. It may be used from several goroutines unless it is tied to a transaction.
type Store struct {
	table storeimpl.Handle
	// ByKey is the rows in the order of their keys.
	ByKey KeyIndex
	$indexes
}
`, "$indexes", lines(indexes...)))
	if len(t.Per) > 0 {
		t.family(s)
	} else {
		s.add(t.text(`
// Open opens the table, and gives it a place in the database if it has none. It is a store.SchemaError if the database holds a form of it that does not fit.
func Open(ctx context.Context, db *store.DB, opts ...store.TableOption) (*Store, error) {
	h, err := storeimpl.OpenTable(ctx, db, new(codec), opts...)
	if err != nil {
		return nil, err
	}
	return new(Store).bind(&h, nil, nil), nil
}
`))
	}
	// In and As are small enough to be inlined, so that what takes the store by value,
	// as groups do, needs no memory for it; bind must not be inlined into them for it.
	s.add(t.text(`

//go:noinline
func (s *Store) bind(h *storeimpl.Handle, tx *store.Tx, p *access.Principal) *Store {
	h.Bind(tx, p, &s.table, $runs)
	return s
}

// In is the store inside a transaction or view. A store that As returned stays guarded.
func (s *Store) In(tx *store.Tx) *Store { return new(Store).bind(&s.table, tx, nil) }

// As is the store as a principal may use it: what the principal may not do is store.ErrDenied, and rows of other users are not seen where rows have owners.
func (s *Store) As(p access.Principal) *Store { return new(Store).bind(&s.table, nil, &p) }

// Handle is the table without its types, for tools: it tells the name, the description and the database, and what follows who may read the table.
func (s *Store) Handle() *storeimpl.Handle { return &s.table }
func (s *Store) TableAccess() access.Level { return s.table.TableAccess() }
func (s *Store) CanRead(r access.Role) bool { return s.table.CanRead(r) }

// Check returns a record.InvalidError for a row that breaks a rule of its schema; what writes does this by itself. Defaults are not filled in for it.
func (s *Store) Check(v *$Row) error { return s.table.Check(v) }

//go:noinline
func (s *Store) slot(k $Key) *storeimpl.Slot {
	m := s.table.Slot()
	SetKey(m.Row.(*$Row), k)
	return m
}

//go:noinline
func take(v *$Row, m *storeimpl.Slot) {
	if m != nil {
		*v = *m.Row.(*$Row)
		m.Release()
	}
}

// Get returns the row of a key. The error is store.ErrNotFound where there is none or it has expired.
func (s *Store) Get(ctx context.Context, k $Key) (v $Row, err error) {
	m, err := s.slot(k).Get(ctx)
	take(&v, m)
	return v, err
}

// Has reports whether the row of a key is there.
func (s *Store) Has(ctx context.Context, k $Key) (bool, error) { return s.slot(k).Has(ctx) }

// Insert writes a row that must be new: store.ErrExists where its key is there, a store.UniqueError where another row holds one of its unique values, a record.InvalidError where it breaks a rule. Fields that have a default and no value get theirs, in v too.
func (s *Store) Insert(ctx context.Context, v *$Row) error { return s.table.Insert(ctx, v) }

// Put writes a row, new or not. Otherwise it is as Insert. Fields of the stored row that this program's schema does not know are kept.
func (s *Store) Put(ctx context.Context, v *$Row) error { return s.table.Put(ctx, v) }

// Update reads the row of a key, lets fn change it, and writes it, as one transaction. store.ErrNotFound says that there is none. An error of fn changes nothing and comes back. fn may run more than once, and cannot change the key. It may write other rows by the same transaction; if it writes this one, the update is store.ErrInvalid. The row is valid until fn returns: a copy may be kept, the pointer may not.
func (s *Store) Update(ctx context.Context, k $Key, fn func(v *$Row) error) error {
	return s.slot(k).Update(ctx, func(row any) error {
		v := row.(*$Row)
		SetKey(v, k)
		return fn(v)
	})
}

// Delete removes the row of a key with all its index entries. It is no error if there is none.
func (s *Store) Delete(ctx context.Context, k $Key) error { return s.slot(k).Delete(ctx) }

//go:noinline
func (s *Store) write(ctx context.Context, insert bool, vs []*$Row) error {
	return s.table.WriteMany(ctx, insert, len(vs), func(i int) any { return vs[i] })
}

// GetMany returns the rows of keys in the same order, nil for those that are not there. All are of one state of the database.
func (s *Store) GetMany(ctx context.Context, ks []$Key) ([]*$Row, error) {
	block, out := make([]$Row, len(ks)), make([]*$Row, len(ks))
	err := s.table.GetMany(ctx, len(ks), func(i int, found bool) any {
		v := &block[i]
		if found {
			out[i] = v
		} else {
			SetKey(v, ks[i])
		}
		return v
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// InsertMany inserts rows, and PutMany puts them, in one commit: all or none, outside of a transaction.
func (s *Store) InsertMany(ctx context.Context, vs []*$Row) error { return s.write(ctx, true, vs) }
func (s *Store) PutMany(ctx context.Context, vs []*$Row) error { return s.write(ctx, false, vs) }

// DeleteRange removes the rows from one key up to but not including another, and returns how many there were. Outside of a transaction many are removed in several commits, as by the Delete of a query.
func (s *Store) DeleteRange(ctx context.Context, from, to $Key) (int, error) {
	return s.table.DeleteRange(ctx, s.slot(from), s.slot(to))
}

// Count returns the number of rows, by a scan over all of them; Scan is the whole table, in the order of its keys, and ScanAll all its rows, for a store.EntityStore.
func (s *Store) Count(ctx context.Context) (int, error) { return s.Scan().Count(ctx) }
func (s *Store) Scan() *Query { return s.ByKey.Scan() }
func (s *Store) ScanAll(ctx context.Context) iter.Seq2[$Row, error] { return s.Scan().All(ctx) }
`, "$runs", runs))
	return s
}

// family emits how a member of a family is opened, and how all are listed.
func (t *table) family(s *source) {
	var fields, goNames, params, values, add, read []string
	var parts []leaf
	for _, f := range t.Per {
		fields = append(fields, doc(f.Doc), f.GoName+" "+t.goType(f.Type)+jsonName(f.Name))
		goNames = append(goNames, f.GoName)
		parts = append(parts, leaves("m."+f.GoName, f.Type)...)
	}
	names := paramNames(goNames, "ctx", "db", "opts", "m", "h", "err")
	for i, f := range t.Per {
		params = append(params, names[i]+" "+t.goType(f.Type))
		values = append(values, f.GoName+": "+names[i])
	}
	for _, l := range parts {
		add, read = append(add, "dst = "+t.appendLeaf("dst", l)), append(read, t.setLeaf(l))
	}
	s.add(t.text(`
// Member tells the members of the family $name apart.
type Member struct {
	$fields
}
`, "$fields", lines(fields...)))
	invalid := "nil"
	if checks := t.checks("m", t.Per); checks != "" {
		invalid = "m.Check()"
		s.add(t.text(`
// Check returns an error for parts that are beyond their limits.
func (m Member) Check() error {
	var broken record.Broken
	$checks
	return broken.Err()
}
`, "$checks", checks))
	}
	s.add(t.text(`
// Open opens one member of the family, and gives it a place in the database if it has none. Members share no rows; each costs a line of the catalog.
func Open(ctx context.Context, db *store.DB, $params, opts ...store.TableOption) (*Store, error) {
	m := Member{$values}
	h, err := storeimpl.OpenMember(ctx, db, new(codec), m.key(), m.String(), $invalid, opts...)
	if err != nil {
		return nil, err
	}
	return new(Store).bind(&h, nil, nil), nil
}

// String returns the parts joined by slashes; a slash within a part is %2F.
func (m Member) String() string {
	return $text
}

func (m Member) key() []byte {
	var dst []byte
	$append
	return dst
}

// Members lists the members of the family that the database has, in order.
func Members(ctx context.Context, db *store.DB) ([]Member, error) {
	found, err := db.Members(ctx, Desc)
	if err != nil {
		return nil, err
	}
	members := make([]Member, len(found))
	for i, key := range found {
		if err := members[i].decode(key); err != nil {
			return nil, err
		}
	}
	return members, nil
}

func (m *Member) decode(b []byte) error {
	r := keys.NewReader(b)
	$read
	return r.Done()
}
`, "$params", strings.Join(params, ", "), "$values", strings.Join(values, ", "), "$invalid", invalid, "$text", t.joinedText(parts),
		"$append", lines(add...), "$read", lines(read...)))
}
