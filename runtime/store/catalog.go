package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/engine"
)

// Records of the catalog's space, by their second component. Their values are a
// format byte, JSON, so that a database can be understood with no program of its
// own, and a checksum: where a table's place or description is wrong, every row
// would be read wrongly.
const (
	catalogHeader  = 1 // {"format": 1}
	catalogTable   = 2 // + name: the table's space and description
	catalogNext    = 3 // the next space to be given away
	catalogMember  = 4 // + family's space, member: the member's space
	catalogReverse = 5 // + member's space: which family and member it is
	catalogCursors = 6 // {"key": base64}: what cursors are sealed with
	catalogDropped = 7 // + space: it is being dropped
)

const (
	formatChecked = 3 // format of a record: JSON follows, then its checksum
	checksumSize  = 4
)

var errChecksum = errors.New("the checksum does not match")

// formatVersion is the version of the key space and of the catalog.
const formatVersion = 1

type header struct {
	Format int `json:"format"`
}

type tableRecord struct {
	Space uint64         `json:"space"`
	Table *catalog.Table `json:"table"`
	// Unfinished says that a change of the indexes was begun by a program of before,
	// which changed them in place: no index entry may be trusted until all are built
	// anew.
	Unfinished bool `json:"unfinished,omitempty"`
	// Places are the parts of the space that hold the entries of those indexes that
	// are not at their own number.
	Places places `json:"places,omitempty"`
	// Litter are parts that hold what belongs to no index: entries of one that is
	// being built, or that is no more. Nobody reads or keeps them, and whoever opens
	// the table clears them.
	Litter []uint64 `json:"litter,omitempty"`
	// Building is of the program that builds indexes. Another one that opens the
	// table clears it away, and the build with it.
	Building string `json:"building,omitempty"`
	// Expiring says that rows may expire although the description does not say
	// so: they were written when it did.
	Expiring bool `json:"expiring,omitempty"`
	// Renamed is the name that the table has now. Its record here has nothing
	// else: it keeps programs of the old name from beginning an empty table.
	Renamed string `json:"renamed,omitempty"`
}

// expires reports whether rows may expire.
func (r *tableRecord) expires() bool { return r.Expiring || r.Table != nil && r.Table.TTL != nil }

type nextRecord struct {
	Next uint64 `json:"next"`
}

type memberRecord struct {
	Space  uint64 `json:"space"`
	Family string `json:"family"`
	Member []byte `json:"member"` // the encoded parts
	Text   string `json:"text"`   // for people

	// What its family says:
	expires bool // rows may expire
	places  places
}

// catalogRecord is a record of the catalog. check says what is wrong with one
// that was read.
type catalogRecord interface{ check() error }

func (h *header) check() error {
	if h.Format <= 0 {
		return fmt.Errorf("no format has the number %d", h.Format)
	}
	return nil
}

func (r *tableRecord) check() error {
	switch {
	case r.Renamed != "":
		return nil
	case r.Table == nil:
		return errors.New("the table has no description")
	}
	return errors.Join(checkSpace(r.Space), r.Table.Check(), r.checkParts())
}

// checkParts makes sure that what is cleared is nothing that is needed.
func (r *tableRecord) checkParts() error {
	if err := r.Places.check(r.Table); err != nil {
		return err
	}
	for _, part := range r.Litter {
		used := slices.ContainsFunc(r.Table.Indexes, func(ix catalog.Index) bool { return r.Places.of(ix.Number) == part })
		if used || part == spaceRows {
			return fmt.Errorf("part %d of the space is no litter", part)
		}
	}
	return nil
}

func (r *nextRecord) check() error { return checkSpace(r.Next) }

func (r *memberRecord) check() error {
	if r.Family == "" {
		return errors.New("the member has no family")
	}
	return checkSpace(r.Space)
}

func checkSpace(space uint64) error {
	if space < firstTable {
		return fmt.Errorf("space %d is none that tables have", space)
	}
	return nil
}

func catalogKey(record uint64) []byte {
	return keys.AppendUvarint(keys.AppendUvarint(nil, spaceCatalog), record)
}

// tableKey is where the catalog has a table. The name is the last component, so
// no name can be taken for another's beginning.
func tableKey(name string) []byte {
	return keys.AppendStringLast(catalogKey(catalogTable), name)
}

func readRecord(ctx context.Context, r engine.Reader, key []byte, into catalogRecord) error {
	v, err := r.Get(ctx, key)
	if err != nil {
		return err
	}
	return decodeRecord(key, v, into)
}

// decodeRecord reads a record of the catalog. What it returns without an error
// can be relied on: it is whole, not only well-formed.
func decodeRecord(key, v []byte, into catalogRecord) error {
	text, err := recordText(key, v)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return corrupt(key, err)
	}
	return corrupt(key, into.check())
}

// recordText is the JSON of a record.
func recordText(key, v []byte) ([]byte, error) {
	switch {
	case len(v) > checksumSize && v[0] == formatChecked:
		end := len(v) - checksumSize
		if binary.BigEndian.Uint32(v[end:]) != checksum(key, v[:end]) {
			return nil, corrupt(key, errChecksum)
		}
		return v[1:end], nil
	case len(v) > 0 && v[0] == formatPlain:
		return v[1:], nil
	}
	return nil, corrupt(key, errFormat)
}

// decodeTable reads the record of a table that desc is meant for. A program mostly
// opens what it has described itself: then the record's text is that of desc, and
// need not be taken apart, which is most of the cost of opening a table.
func decodeTable(key, v []byte, desc *catalog.Table) (*tableRecord, error) {
	text, err := recordText(key, v)
	if err != nil {
		return nil, err
	}
	if space, ok := ownSpace(text, desc); ok {
		rec := &tableRecord{Space: space, Table: desc}
		return rec, corrupt(key, rec.check())
	}
	rec := new(tableRecord)
	return rec, decodeRecord(key, v, rec)
}

// ownSpace is the space in the text of a table's record, if the text says that and
// desc and nothing else.
func ownSpace(text []byte, desc *catalog.Table) (space uint64, ok bool) {
	rest, ok := bytes.CutPrefix(text, []byte(`{"space":`))
	if !ok {
		return 0, false
	}
	digits, rest, ok := bytes.Cut(rest, []byte(`,"table":`))
	if !ok {
		return 0, false
	}
	space, err := strconv.ParseUint(string(digits), 10, 64)
	own, ok := bytes.CutSuffix(rest, []byte("}"))
	return space, err == nil && ok && desc.HasText(own)
}

// checksum is that of a record, its key included, so that it is not taken for
// another's either.
func checksum(key, value []byte) uint32 {
	return crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, value)
}

func writeRecord(tx engine.Tx, key []byte, from catalogRecord) error {
	b, err := json.Marshal(from)
	if err != nil {
		return err
	}
	b = append([]byte{formatChecked}, b...)
	return tx.Put(key, binary.BigEndian.AppendUint32(b, checksum(key, b)))
}

// checkHeader makes sure that the engine holds a database of a format that is
// known, or nothing at all.
func (db *DB) checkHeader(ctx context.Context) error {
	var h header
	err := readRecord(ctx, db.eng, catalogKey(catalogHeader), &h)
	switch {
	case err == nil && h.Format == formatVersion:
		return db.loadCursorKey(ctx)
	case err == nil:
		return fmt.Errorf("%w: the database has format %d, this program reads format %d; open it with the program that wrote it", ErrSchema, h.Format, formatVersion)
	case !errors.Is(err, ErrNotFound):
		return err
	}
	it := db.eng.Iterate(ctx, engine.Range{KeysOnly: true, Limit: 1})
	found, made := it.Next(), bytes.Equal(it.Key(), catalogKey(catalogHeader))
	if err := it.Close(); err != nil {
		return err
	}
	if made {
		return db.checkHeader(ctx) // another program was faster
	}
	if found {
		return fmt.Errorf("%w: the engine holds keys but no catalog, so it is no database of this kind; give an empty one", ErrSchema)
	}
	rec := cursorRecord{Key: newCursorKey()}
	err = db.changeCatalog(ctx, true, func(w *writer) (err error) {
		_, made, err = w.find(ctx, catalogKey(catalogHeader))
		if err != nil || made {
			return err
		}
		if err := writeRecord(w.tx, catalogKey(catalogHeader), &header{Format: formatVersion}); err != nil {
			return err
		}
		return writeRecord(w.tx, catalogKey(catalogCursors), &rec)
	})
	if made && err == nil {
		return db.checkHeader(ctx)
	}
	db.cursors = newSealer(rec.Key)
	return unlessReadOnly(err) // which is as good as empty
}

// nextSpace gives a space away.
func nextSpace(ctx context.Context, tx engine.Tx) (uint64, error) {
	next := nextRecord{Next: firstTable}
	key := catalogKey(catalogNext)
	v, err := tx.GetForUpdate(ctx, key)
	switch {
	case err == nil:
		if err := decodeRecord(key, v, &next); err != nil {
			return 0, err
		}
	case !errors.Is(err, engine.ErrNotFound):
		return 0, err
	}
	space := next.Next
	next.Next++
	return space, writeRecord(tx, key, &next)
}

// Define gives the tables that the database does not have yet their place in
// it, in one commit. Opening a table does this too; for many at once this is
// faster, and so is the opening of each afterwards.
func (db *DB) Define(ctx context.Context, descs ...*catalog.Table) error {
	missing, err := db.missing(ctx, descs)
	if err != nil || len(missing) == 0 {
		return err
	}
	return db.changeCatalog(ctx, false, func(w *writer) error {
		for _, d := range missing {
			key := tableKey(d.Name)
			free, err := freeName(ctx, w.tx, d)
			if err != nil {
				return err
			}
			if !free {
				continue
			}
			if renamed, err := rename(ctx, w.tx, d); err != nil || renamed {
				if err != nil {
					return err
				}
				continue
			}
			space, err := nextSpace(ctx, w.tx)
			if err != nil {
				return err
			}
			if err := writeRecord(w.tx, key, &tableRecord{Space: space, Table: d}); err != nil {
				return err
			}
		}
		return nil
	})
}

// defineBatch bounds how many records of the catalog Define holds at once.
const defineBatch = 256

// missing returns those that the catalog has no record of. What it has of the
// others is read in the order of the keys, where the engine may step from one to the
// next, and kept for OpenTable where it is as the code has it.
func (db *DB) missing(ctx context.Context, descs []*catalog.Table) ([]*catalog.Table, error) {
	changes := db.catalogChanges()
	order := make([]int, len(descs))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(descs[a].Name, descs[b].Name) })
	var absent []int
	n := min(len(descs), defineBatch)
	stored, vals, found := make([][]byte, n), make([][]byte, n), make([]asDescribed, 0, n)
	for batch := range slices.Chunk(order, defineBatch) {
		stored, vals, found = stored[:len(batch)], vals[:len(batch)], found[:0]
		for i, at := range batch {
			stored[i] = tableKey(descs[at].Name)
		}
		if err := db.eng.GetMany(ctx, stored, vals); err != nil {
			return nil, err
		}
		for i, at := range batch {
			if vals[i] == nil || isRenamed(stored[i], vals[i], descs[at]) {
				absent = append(absent, at)
			} else if space, ok := spaceOf(stored[i], vals[i], descs[at]); ok {
				found = append(found, asDescribed{descs[at], space})
			}
		}
		db.remember(changes, found, len(descs))
	}
	slices.Sort(absent) // they get their spaces in the order given
	var missing []*catalog.Table
	for _, at := range absent {
		missing = append(missing, descs[at])
	}
	return missing, nil
}

// asDescribed is a table of which the catalog says what the code does.
type asDescribed struct {
	desc  *catalog.Table
	space uint64
}

// spaceOf is the space of a table whose record is sound and says what desc does, and
// nothing else. What is wrong with another one is for OpenTable to tell. Nor is it
// asked of families, whose members are opened when they are used, or never.
func spaceOf(key, v []byte, desc *catalog.Table) (space uint64, ok bool) {
	if len(desc.Per) > 0 {
		return 0, false
	}
	text, err := recordText(key, v)
	if err != nil {
		return 0, false
	}
	if space, ok = ownSpace(text, desc); !ok {
		return 0, false
	}
	rec := tableRecord{Space: space, Table: desc}
	return space, rec.check() == nil
}

// isRenamed reports whether the record under a table's name says only that a table of
// this name has another one now.
func isRenamed(key, v []byte, desc *catalog.Table) bool {
	if !bytes.Contains(v, []byte(`"renamed":`)) {
		return false // as a rule
	}
	rec, err := decodeTable(key, v, desc)
	return err == nil && rec.Renamed != ""
}

// catalogChanges is how often this program has changed the catalog.
func (db *DB) catalogChanges() uint64 {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.changes
}

// remember keeps what was found in the catalog for OpenTable, unless the catalog has
// been changed since. There may be most of them in the end.
func (db *DB) remember(changes uint64, found []asDescribed, most int) {
	if len(found) == 0 || db.shared {
		return
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.changes != changes {
		return
	}
	if db.described == nil {
		db.described = make(map[*catalog.Table]uint64, most)
	}
	for _, f := range found {
		db.described[f.desc] = f.space
	}
}

// recall returns what remember has kept of a table, once: who opens it again looks
// again.
func (db *DB) recall(desc *catalog.Table) (space uint64, ok bool) {
	db.mu.Lock()
	defer db.mu.Unlock()
	space, ok = db.described[desc]
	if ok {
		delete(db.described, desc)
		if len(db.described) == 0 {
			db.described = nil
		}
	}
	return space, ok
}

// changeCatalog runs fn in a transaction that writes to the catalog. Nothing that
// was read of the catalog before its end is remembered behind it, whether it
// commits or not.
func (db *DB) changeCatalog(ctx context.Context, point bool, fn func(w *writer) error) error {
	defer func() {
		db.mu.Lock()
		defer db.mu.Unlock()
		db.changes++
		db.described = nil
	}()
	return db.run(ctx, db.usual(), point, fn)
}

// freeName reports whether the catalog has nothing under the name of a table, or only
// that another table had this name once.
func freeName(ctx context.Context, tx engine.Tx, d *catalog.Table) (bool, error) {
	var rec tableRecord
	err := readRecord(ctx, tx, tableKey(d.Name), &rec)
	if errors.Is(err, engine.ErrNotFound) {
		return true, nil
	}
	if err != nil || rec.Renamed == "" {
		return false, err
	}
	now, err := renamedTo(ctx, tx, &rec)
	return err == nil && now != nil && (otherNumber(now.Table, d) || renamedBack(now.Table, d)), err
}

// renamedBack reports whether a table has its present name in a database as a former
// one in the code: it gets back the name that it had before.
func renamedBack(now, d *catalog.Table) bool { return slices.Contains(d.Was, now.Name) }

// renamedTo follows a record that says that its table has another name now, to the
// table's own; nil where there is none.
func renamedTo(ctx context.Context, r engine.Reader, rec *tableRecord) (*tableRecord, error) {
	for range 64 { // a damaged catalog may lead in a circle
		var next tableRecord
		err := readRecord(ctx, r, tableKey(rec.Renamed), &next)
		switch {
		case errors.Is(err, engine.ErrNotFound):
			return nil, nil
		case err != nil:
			return nil, err
		case next.Renamed == "":
			return &next, nil
		}
		rec = &next
	}
	return nil, nil
}

// otherNumber reports whether two descriptions are of two tables, by the numbers
// that the lock of their schemas has given them.
func otherNumber(a, b *catalog.Table) bool {
	return a.Number != 0 && b.Number != 0 && a.Number != b.Number
}

// rename takes a table that the database has under a former name over to its
// new one, with the members of a family. It tells whether there was one.
func rename(ctx context.Context, tx engine.Tx, d *catalog.Table) (bool, error) {
	for _, former := range d.Was {
		key := tableKey(former)
		var rec tableRecord
		v, err := tx.GetForUpdate(ctx, key)
		if errors.Is(err, engine.ErrNotFound) {
			continue
		}
		if err == nil {
			err = decodeRecord(key, v, &rec)
		}
		if err != nil {
			return false, err
		}
		if rec.Renamed != "" || otherNumber(rec.Table, d) {
			continue
		}
		table := *rec.Table
		table.Name = d.Name
		rec.Table = &table
		err = errors.Join(writeRecord(tx, tableKey(d.Name), &rec), writeRecord(tx, key, &tableRecord{Renamed: d.Name}))
		if err != nil {
			return false, err
		}
		return true, renameMembers(ctx, tx, rec.Space, d.Name)
	}
	return false, renamedElsewhere(ctx, tx, d)
}

// renamedElsewhere is an error where a former name of a table leads to one that has a
// further name now, which the code does not know: as of two branches that each have
// renamed it.
func renamedElsewhere(ctx context.Context, r engine.Reader, d *catalog.Table) error {
	for _, former := range d.Was {
		var rec tableRecord
		err := readRecord(ctx, r, tableKey(former), &rec)
		if err != nil && !errors.Is(err, engine.ErrNotFound) {
			return err
		}
		if err != nil || rec.Renamed == "" {
			continue
		}
		now, err := renamedTo(ctx, r, &rec)
		if err != nil {
			return err
		}
		if now != nil && !otherNumber(now.Table, d) {
			return &SchemaError{Table: d.Name, Mend: "the database has " + former + " as " + now.Table.Name + " now: say so in the schema too (was: [" + now.Table.Name + ", " + former + "]), or use the program that renamed it"}
		}
	}
	return nil
}

// renameMembers gives the members of a family the name that it has now.
func renameMembers(ctx context.Context, tx engine.Tx, family uint64, name string) error {
	prefix := memberPrefix(family)
	var members []memberRecord
	it := tx.Iterate(ctx, engine.Range{Start: prefix, End: keys.Successor(prefix)})
	defer it.Close()
	for it.Next() {
		var rec memberRecord
		if err := decodeRecord(it.Key(), it.Value(), &rec); err != nil {
			return err
		}
		members = append(members, rec)
	}
	if err := it.Close(); err != nil {
		return err
	}
	for _, rec := range members {
		rec.Family = name
		err := errors.Join(writeRecord(tx, append(memberPrefix(family), rec.Member...), &rec),
			writeRecord(tx, keys.AppendUvarint(catalogKey(catalogReverse), rec.Space), &rec))
		if err != nil {
			return err
		}
	}
	return nil
}

// TableOption changes how one table is opened.
type TableOption func(*tableOptions)

type tableOptions struct {
	access access.Level
	keep   time.Duration
}

// WithAccess sets the access level of a table, in place of the one in its
// schema: the members of a family each have their own.
func WithAccess(l access.Level) TableOption { return func(o *tableOptions) { o.access = l } }

// WithTTL sets how long rows are kept that do not say it themselves. It counts
// when a row is written.
func WithTTL(d time.Duration) TableOption { return func(o *tableOptions) { o.keep = d } }

// OpenTable opens a table, and gives it a place in the database if it has none.
// It fails with a SchemaError where the stored table does not fit the codec.
// Generated code calls it; OpenTyped is for codecs that are written by hand.
func OpenTable(ctx context.Context, db *DB, c RowCodec, opts ...TableOption) (Handle, error) {
	var o tableOptions
	for _, opt := range opts {
		opt(&o)
	}
	desc := c.Desc()
	if len(desc.Per) > 0 {
		return Handle{}, fmt.Errorf("table %s is a family: open one of its members", desc.Name)
	}
	rec, err := db.ensure(ctx, desc)
	if err != nil {
		return Handle{}, &Error{Op: "open", Table: desc.Name, Err: err}
	}
	t := newTable(db, rec.Space, desc.Name, desc, c, o)
	t.expires = t.expires || rec.expires()
	if err := db.fit(ctx, rec, desc, func() ([]*table, error) { return []*table{t}, nil }); err != nil {
		return Handle{}, &Error{Op: "open", Table: desc.Name, Err: err}
	}
	t.place(rec.Places)
	if err := db.register(t); err != nil {
		return Handle{}, &Error{Op: "open", Table: desc.Name, Err: err}
	}
	return newHandle(t, db.root), nil
}

func (db *DB) register(t *table) error {
	db.mu.Lock()
	defer db.mu.Unlock()
	if t.space == spaceNone {
		return nil
	}
	if db.forsaken[t.space] {
		return fmt.Errorf("%w: it is being dropped", ErrInUse)
	}
	db.tables[t.space] = t
	db.unswept.forget()
	return nil
}

// ensure returns the catalog's record of a table, which it makes if there is
// none.
func (db *DB) ensure(ctx context.Context, desc *catalog.Table) (*tableRecord, error) {
	// An engine that is closed, or a context that has ended, is found by the read.
	if !db.closed.Load() && ctx.Err() == nil {
		if space, ok := db.recall(desc); ok {
			return &tableRecord{Space: space, Table: desc}, nil
		}
	}
	key := tableKey(desc.Name)
	rec, err := db.tableRecord(ctx, key, desc)
	if errors.Is(err, engine.ErrNotFound) || err == nil && rec.Renamed != "" {
		err = db.Define(ctx, desc)
		switch {
		case err == nil:
			rec, err = db.tableRecord(ctx, key, desc)
		case errors.Is(err, ErrReadOnly):
			return db.asStored(ctx, desc)
		}
	}
	if err != nil {
		return nil, err
	}
	if rec.Renamed != "" {
		return nil, renamedError(desc, rec)
	}
	return rec, nil
}

// asStored is the record of a table where nothing can be written: under a former name, or
// one of a table without rows.
func (db *DB) asStored(ctx context.Context, desc *catalog.Table) (*tableRecord, error) {
	rec, err := db.stored(ctx, desc)
	if err == nil && rec == nil {
		rec = &tableRecord{Space: spaceNone, Table: desc}
	}
	return rec, err
}

func (db *DB) tableRecord(ctx context.Context, key []byte, desc *catalog.Table) (*tableRecord, error) {
	v, err := db.eng.Get(ctx, key)
	if err != nil {
		return nil, err
	}
	return decodeTable(key, v, desc)
}

func renamedError(desc *catalog.Table, rec *tableRecord) error {
	return &SchemaError{Table: desc.Name, Mend: "the database has it as " + rec.Renamed + " now: use the program that renamed it, or another name for a new table"}
}

// memberOpener makes the table of a family's member.
type memberOpener func(space uint64, text string) *table

// OpenMember opens one member of a family, and gives it a place in the database
// if it has none. member is the encoded parts that tell it apart, text the same
// for people. invalid is what is wrong with the parts, if anything: a member that is
// there may be of before a limit came, and opens, and a new one does not.
func OpenMember(ctx context.Context, db *DB, c RowCodec, member []byte, text string, invalid error, opts ...TableOption) (Handle, error) {
	var o tableOptions
	for _, opt := range opts {
		opt(&o)
	}
	desc := c.Desc()
	name := desc.Name + "[" + text + "]"
	fail := func(err error) (Handle, error) {
		return Handle{}, &Error{Op: "open", Table: name, Err: err}
	}
	if err := db.openFamily(ctx, desc, func(space uint64, text string) *table {
		return newTable(db, space, desc.Name+"["+text+"]", desc, c, tableOptions{})
	}); err != nil {
		return fail(err)
	}
	rec, err := db.ensureMember(ctx, desc, member, text, invalid)
	if err != nil {
		return fail(err)
	}
	t := newTable(db, rec.Space, name, desc, c, o)
	t.expires = t.expires || rec.expires
	t.place(rec.places)
	if err := db.register(t); err != nil {
		return fail(err)
	}
	return newHandle(t, db.root), nil
}

// openFamily checks a family against the catalog, the first time that one of
// its members is opened.
func (db *DB) openFamily(ctx context.Context, desc *catalog.Table, open memberOpener) error {
	db.mu.Lock()
	known := db.families[desc.Name] != nil
	db.mu.Unlock()
	if known {
		return nil
	}
	rec, err := db.ensure(ctx, desc)
	if err != nil {
		return err
	}
	err = db.fit(ctx, rec, desc, func() ([]*table, error) {
		members, err := db.members(ctx, rec.Space)
		if err != nil {
			return nil, err
		}
		var ts []*table
		for _, m := range members {
			ts = append(ts, open(m.Space, m.Text))
		}
		return ts, nil
	})
	if err != nil {
		return err
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	db.unswept.forget()
	expires, places := rec.expires(), rec.Places
	db.families[desc.Name] = func(space uint64, text string) *table {
		t := open(space, text)
		t.expires = t.expires || expires
		t.place(places)
		return t
	}
	return nil
}

func memberPrefix(family uint64) []byte {
	return keys.AppendUvarint(catalogKey(catalogMember), family)
}

func (db *DB) ensureMember(ctx context.Context, desc *catalog.Table, member []byte, text string, invalid error) (*memberRecord, error) {
	family, err := db.ensure(ctx, desc)
	if err != nil {
		return nil, err
	}
	if family.Space == spaceNone {
		return &memberRecord{Space: spaceNone, Family: desc.Name, Member: member, Text: text}, nil
	}
	key := append(memberPrefix(family.Space), member...)
	rec := new(memberRecord)
	err = readRecord(ctx, db.eng, key, rec)
	rec.expires, rec.places = family.expires(), family.Places
	switch {
	case !errors.Is(err, ErrNotFound):
		return rec, err
	case invalid != nil:
		return nil, invalid
	}
	err = db.changeCatalog(ctx, true, func(w *writer) error {
		v, err := w.tx.GetForUpdate(ctx, key)
		if err == nil {
			return decodeRecord(key, v, rec) // another one was faster
		}
		if !errors.Is(err, engine.ErrNotFound) {
			return err
		}
		space, err := nextSpace(ctx, w.tx)
		if err != nil {
			return err
		}
		*rec = memberRecord{Space: space, Family: desc.Name, Member: bytes.Clone(member), Text: text, expires: family.expires(), places: family.Places}
		if err := writeRecord(w.tx, key, rec); err != nil {
			return err
		}
		return writeRecord(w.tx, keys.AppendUvarint(catalogKey(catalogReverse), space), rec)
	})
	if errors.Is(err, ErrReadOnly) {
		return &memberRecord{Space: spaceNone, Family: desc.Name, Member: member, Text: text}, nil
	}
	return rec, err
}

// members lists the members of the family that has a space, in the order of
// their encoded parts.
func (db *DB) members(ctx context.Context, family uint64) ([]memberRecord, error) {
	prefix := memberPrefix(family)
	it := db.eng.Iterate(ctx, engine.Range{Start: prefix, End: keys.Successor(prefix)})
	defer it.Close()
	var out []memberRecord
	for it.Next() {
		var rec memberRecord
		if err := decodeRecord(it.Key(), it.Value(), &rec); err != nil {
			return nil, err
		}
		if !bytes.Equal(it.Key()[len(prefix):], rec.Member) {
			return nil, corrupt(it.Key(), errors.New("the record is of another member"))
		}
		out = append(out, rec)
	}
	return out, it.Close()
}

// Members lists the members of a family as the encoded parts that tell them
// apart, in order. Generated code makes typed ones of them. A family that the
// database has under a former name has its members already, before it is opened
// under its new one; a family that does not fit the code's is a SchemaError.
func (db *DB) Members(ctx context.Context, family *catalog.Table) ([][]byte, error) {
	rec, err := db.stored(ctx, family)
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
		return nil, &SchemaError{Table: family.Name, Differences: refused, Mend: refusedFix(refused)}
	}
	found, err := db.members(ctx, rec.Space)
	var out [][]byte
	for _, m := range found {
		out = append(out, m.Member)
	}
	return out, err
}

// stored finds the record of a table by its name or a former one, without writing;
// nil where the database has none.
func (db *DB) stored(ctx context.Context, desc *catalog.Table) (*tableRecord, error) {
	var rec tableRecord
	err := readRecord(ctx, db.eng, tableKey(desc.Name), &rec)
	switch {
	case err == nil && rec.Renamed == "":
		return &rec, nil
	case err == nil:
		now, err := renamedTo(ctx, db.eng, &rec)
		if err != nil {
			return nil, err
		}
		switch {
		case now != nil && otherNumber(now.Table, desc):
		case now != nil && renamedBack(now.Table, desc):
			return now, nil
		default:
			return nil, renamedError(desc, &rec)
		}
	case !errors.Is(err, ErrNotFound):
		return nil, err
	}
	for _, former := range desc.Was {
		var rec tableRecord
		err := readRecord(ctx, db.eng, tableKey(former), &rec)
		switch {
		case errors.Is(err, ErrNotFound):
		case err != nil:
			return nil, err
		case rec.Renamed == "" && !otherNumber(rec.Table, desc):
			return &rec, nil
		}
	}
	return nil, renamedElsewhere(ctx, db.eng, desc)
}

// Stored is what the catalog says of a table.
type Stored struct {
	Space uint64 // the first component of the keys of its rows
	Table *catalog.Table
}

// Tables returns what the catalog says of all tables and families, by name.
func (db *DB) Tables(ctx context.Context) ([]Stored, error) {
	prefix := catalogKey(catalogTable)
	it := db.eng.Iterate(ctx, engine.Range{Start: prefix, End: keys.Successor(prefix)})
	defer it.Close()
	var out []Stored
	for it.Next() {
		var rec tableRecord
		if err := decodeRecord(it.Key(), it.Value(), &rec); err != nil {
			return nil, err
		}
		if rec.Renamed != "" {
			continue
		}
		out = append(out, Stored{Space: rec.Space, Table: rec.Table})
	}
	if err := it.Close(); err != nil {
		return nil, err
	}
	slices.SortFunc(out, func(a, b Stored) int { return strings.Compare(a.Table.Name, b.Table.Name) })
	return out, nil
}

// locateKey names the table and row that a key of the engine belongs to, as far as
// they are known.
func (db *DB) locateKey(key []byte) (name, row string) {
	r := keys.NewReader(key)
	space := r.Uvarint()
	if space == spaceExpiry {
		r.Time()
		space = r.Uvarint()
		db.mu.Lock()
		t := db.tables[space]
		db.mu.Unlock()
		if r.Err() == nil && t != nil {
			return t.name, formatKey(t.codec, bytes.Clone(r.Rest()))
		}
		return "expiry", keys.Format(key)
	}
	part := r.Uvarint()
	db.mu.Lock()
	t := db.tables[space]
	db.mu.Unlock()
	switch {
	case r.Err() != nil || t == nil:
		return "catalog", keys.Format(key)
	case part == spaceRows:
		return t.name, formatKey(t.codec, bytes.Clone(r.Rest()))
	}
	for i := range t.indexes {
		if ix := &t.indexes[i]; bytes.HasPrefix(key, ix.prefix) {
			return t.name, ix.desc.Name + " " + t.formatColumns(ix, key)
		}
	}
	return t.name, keys.Format(key)
}
