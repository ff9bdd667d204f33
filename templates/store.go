package templates

import "strings"

// storeFile emits users_store.go: the store of a table, or of the members of a
// family. Its methods have pointers for receivers, since those of a value would be
// compiled twice.
func (t *table) storeFile() *source {
	s := t.file("store")
	var indexes []string
	runs := "(*storeimpl.Query)(&s.ByKey)"
	for _, ix := range t.Indexes {
		indexes = append(indexes, doc("By"+ix.GoName+" is "+indexDoc(t.Table, ix)), "By"+ix.GoName+" "+t.ownName(ix.GoName+"Index"))
		runs += ", (*storeimpl.Query)(&s.By" + ix.GoName + ")"
	}
	s.add(t.text(`
// The methods are short, and what several of them share is in bind, slot, take and write, since
// the compiler compiles all of them again for each table. These are not inlined: go:noinline
// keeps them from being compiled once more in each method that calls them. In and As are
// inlined, so that a caller that takes the store by value needs no memory for it.

// Store is the table $name, and its indexes. It may be used by several goroutines at once, unless
// In has tied it to a transaction.
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
// Open opens the table, and adds it to the database if that does not have it. The error is a
// store.SchemaError if the database holds a form of it that does not fit.
func Open(ctx context.Context, db *store.DB, opts ...store.TableOption) (*Store, error) {
	h, err := storeimpl.OpenTable(ctx, db, new(codec), opts...)
	if err != nil {
		return nil, err
	}
	return new(Store).bind(&h, nil, nil), nil
}

// Load adds rows to the table, in any order, and returns how many there were: all of them are on
// stable storage then or, on an error, the table is as before. This program must not have opened
// the table yet: call Load first. It costs a fifth of InsertMany, and keeps the same rules: the
// error may be a store.InvalidError, store.ErrExists for a key that is there, or twice among the
// rows, or a store.UniqueError. Hooks are not called. Rows that have expired are left out.
func Load(ctx context.Context, db *store.DB, rows iter.Seq2[*$Row, error], opts ...store.TableOption) (int, error) {
	all := func(add func(row any, err error) bool) {
		rows(func(v *$Row, err error) bool { return add(v, err) })
	}
	if rows == nil {
		all = nil
	}
	return storeimpl.LoadTable(ctx, db, new(codec), all, opts...)
}

`))
	}
	s.add(t.text(`
// bind makes s the store over a handle, tied to tx and p where they are not nil.
//
//go:noinline
func (s *Store) bind(h *storeimpl.Handle, tx *store.Tx, p *access.Principal) *Store {
	h.Bind(tx, p, &s.table, $runs)
	return s
}

// In returns the store inside a transaction or view, for use by the goroutine that runs that. If
// As returned s, what the principal may not do stays denied.
func (s *Store) In(tx *store.Tx) *Store { return new(Store).bind(&s.table, tx, nil) }

// As returns the store as a principal may use it. What the principal may not do is
// store.ErrDenied; of a table whose rows have owners it sees its own rows only.
func (s *Store) As(p access.Principal) *Store { return new(Store).bind(&s.table, nil, &p) }

// Handle returns the table without its types, for tools that work on any table.
func (s *Store) Handle() *storeimpl.Handle { return &s.table }

// TableAccess returns who may use the table, as its schema says.
func (s *Store) TableAccess() access.Level { return s.table.TableAccess() }

// CanRead reports whether a role may read all rows of the table.
func (s *Store) CanRead(r access.Role) bool { return s.table.CanRead(r) }

// Check returns a store.InvalidError for a row that breaks a rule of its schema, as Insert, Put
// and Update do. It fills in no defaults, and reads nothing.
func (s *Store) Check(v *$Row) error { return s.table.Check(v) }

// slot returns the memory of one operation, with the key in its row.
//
//go:noinline
func (s *Store) slot(k $Key) *storeimpl.Slot {
	m := s.table.Slot()
	SetKey(m.Row.(*$Row), k)
	return m
}

// take copies the row of a slot, if there is one, and gives the slot back.
//
//go:noinline
func take(v *$Row, m *storeimpl.Slot) {
	if m != nil {
		*v = *m.Row.(*$Row)
		m.Release()
	}
}

// Get returns the row of a key. The error is store.ErrNotFound if there is none or it has
// expired. It reads one row, by its key.
func (s *Store) Get(ctx context.Context, k $Key) (v $Row, err error) {
	m, err := s.slot(k).Get(ctx)
	take(&v, m)
	return v, err
}

// Has reports whether there is a row of a key, which has not expired. It reads one row, by its
// key.
func (s *Store) Has(ctx context.Context, k $Key) (bool, error) { return s.slot(k).Has(ctx) }

// Insert writes a row that must be new. The error is store.ErrExists if there is a row of its
// key, a store.UniqueError if another row holds one of its unique values, and a
// store.InvalidError if it breaks a rule of the schema. Fields that have a default and no value
// get the default, in v too. It reads the row of the key, and an entry for each unique index.
func (s *Store) Insert(ctx context.Context, v *$Row) error { return s.table.Insert(ctx, v) }

$put
func (s *Store) Put(ctx context.Context, v *$Row) error { return s.table.Put(ctx, v) }

// Update reads the row of a key, calls fn to change it, and writes it, in one transaction. The
// error is store.ErrNotFound if there is none; otherwise it is as for Put. If fn returns an
// error, nothing is changed, and Update returns that error.
//
// fn may be called more than once, after a conflict, and it cannot change the key. It may write
// other rows in the same transaction; if it writes this one, the error is store.ErrInvalid. The
// row is valid until fn returns: a copy may be kept, the pointer may not.
func (s *Store) Update(ctx context.Context, k $Key, fn func(v *$Row) error) error {
	return s.slot(k).Update(ctx, func(row any) error {
		v := row.(*$Row)
		SetKey(v, k)
		return fn(v)
	})
}

// Delete removes the row of a key and all its index entries, and reports whether there was a row
// that had not expired. It is no error if there was none. It reads the row, by its key.
func (s *Store) Delete(ctx context.Context, k $Key) (bool, error) { return s.slot(k).Delete(ctx) }

// write is InsertMany or PutMany.
//
//go:noinline
func (s *Store) write(ctx context.Context, insert bool, vs []*$Row) error {
	return s.table.WriteMany(ctx, insert, len(vs), func(i int) any { return vs[i] })
}

// GetMany returns the rows of keys in the order of the keys, nil for those that are not there. It
// reads all of one state of the database, each by its key.
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

// InsertMany inserts rows as Insert does, in one commit: all of them or, on an error, none.
func (s *Store) InsertMany(ctx context.Context, vs []*$Row) error { return s.write(ctx, true, vs) }

// PutMany puts rows as Put does, in one commit: all of them or, on an error, none.
func (s *Store) PutMany(ctx context.Context, vs []*$Row) error { return s.write(ctx, false, vs) }

// DeleteRange removes the rows with from <= key < to, and returns how many there were. It reads
// them all. Outside a transaction it commits several times, as the Delete of a query does.
func (s *Store) DeleteRange(ctx context.Context, from, to $Key) (int, error) {
	return s.table.DeleteRange(ctx, s.slot(from), s.slot(to))
}

// Count returns the number of rows. It reads the whole table.
func (s *Store) Count(ctx context.Context) (int, error) { return s.Scan().Count(ctx) }

// Scan returns a query over the whole table, in the order of the keys.
func (s *Store) Scan() *Query { return s.ByKey.Scan() }

// ScanAll returns all rows of the table, in the order of the keys: it is Scan().All(ctx), and
// makes the store a store.EntityStore.
func (s *Store) ScanAll(ctx context.Context) iter.Seq2[$Row, error] { return s.Scan().All(ctx) }
`, "$runs", runs, "$put", t.putDoc()))
	return s
}

// putDoc is the comment of Put, which says what becomes of the row before.
func (t *table) putDoc() string {
	if t.Blind {
		return `// Put writes a row, whether it is new or not, and does not read the row before: fields of that
// which this program's schema does not know are lost. It reads where a hook is to see that row.
// Otherwise it is as Insert.`
	}
	return `// Put writes a row, whether it is new or not. Otherwise it is as Insert. Fields of the stored row
// that this program's schema does not know are kept.`
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
	names := paramNames(goNames, "ctx", "db", "opts", "rows", "m", "h", "err", "all")
	for i, f := range t.Per {
		params = append(params, names[i]+" "+t.goType(f.Type))
		values = append(values, f.GoName+": "+names[i])
	}
	for _, l := range parts {
		add, read = append(add, "dst = "+t.appendLeaf("dst", l)), append(read, t.setLeaf(l))
	}
	s.add(t.text(`
// Member names a member of the family $name.
type Member struct {
	$fields
}

`, "$fields", lines(fields...)))
	invalid := "nil"
	if checks := t.checks("m", t.Per); checks != "" {
		invalid = "m.Check()"
		s.add(t.text(`
// Check returns a store.InvalidError for parts that are beyond their limits.
func (m Member) Check() error {
	var broken record.Broken
	$checks
	return broken.Err()
}

`, "$checks", checks))
	}
	s.add(t.text(`
// Open opens one member of the family, and adds it to the database if that does not have it. No
// member sees the rows of another; each costs an entry of the catalog. The error is a
// store.SchemaError if the database holds a form of the table that does not fit, and a
// store.InvalidError if a part of the member's name is beyond its limits.
func Open(ctx context.Context, db *store.DB, $params, opts ...store.TableOption) (*Store, error) {
	m := Member{$values}
	h, err := storeimpl.OpenMember(ctx, db, new(codec), m.key(), m.String(), $invalid, opts...)
	if err != nil {
		return nil, err
	}
	return new(Store).bind(&h, nil, nil), nil
}

// Load adds rows to a member of the family, in any order, and returns how many there were: all of
// them are on stable storage then or, on an error, the member is as before. This program must not
// have opened the member yet: call Load first. It costs a fifth of InsertMany, and keeps the same
// rules: the error may be a store.InvalidError, store.ErrExists for a key that is there, or twice
// among the rows, or a store.UniqueError. Hooks are not called. Rows that have expired are left out.
func Load(ctx context.Context, db *store.DB, $params, rows iter.Seq2[*$Row, error], opts ...store.TableOption) (int, error) {
	m := Member{$values}
	all := func(add func(row any, err error) bool) {
		rows(func(v *$Row, err error) bool { return add(v, err) })
	}
	if rows == nil {
		all = nil
	}
	return storeimpl.LoadMember(ctx, db, new(codec), m.key(), m.String(), $invalid, all, opts...)
}

// String returns the parts joined by slashes; a slash within a part is %2F.
func (m Member) String() string {
	return $text
}

// key is the member in the key of its place in the catalog.
func (m Member) key() []byte {
	var dst []byte
	$append
	return dst
}

// Members returns the members of the family that the database has, in order. It reads an entry of
// the catalog for each.
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

// decode is the inverse of key.
func (m *Member) decode(b []byte) error {
	r := keys.NewReader(b)
	$read
	return r.Done()
}

`, "$params", strings.Join(params, ", "), "$values", strings.Join(values, ", "), "$invalid", invalid, "$text", t.joinedText(parts),
		"$append", lines(add...), "$read", lines(read...)))
}
