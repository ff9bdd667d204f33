package sqlstore

import (
	"errors"
	"slices"

	"github.com/ncruces/go-sqlite3"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/record"
	"github.com/storegen/storegen/runtime/store"
)

// Update implements sqlite3.VTabUpdater: it inserts, changes or deletes a row. A row that is
// refused leaves nothing.
func (t *vtab) Update(args ...sqlite3.Value) (rowid int64, err error) {
	if t.s.txn == nil { // SQLite has refused it, unless that was turned off
		return 0, t.s.fail(&store.Error{Op: "write", Table: t.name, Err: store.ErrReadOnly})
	}
	if t.s.pool.readOnly {
		return 0, t.s.fail(&store.Error{Op: "write", Table: t.name, Err: errReadOnly})
	}
	w := writing{vtab: t, replace: t.s.raw.VTabOnConflict() == sqlite3.VTAB_REPLACE, scope: provider.Scope{Tx: t.s.tx.tx}}
	rows, ok := t.rows.(provider.Mover)
	if !ok {
		return 0, t.s.fail(&store.Error{Op: "write", Table: t.name, Err: store.ErrReadOnly})
	}
	w.rows = rows
	switch {
	case len(args) == 1:
		err = w.remove(args[0])
	case args[0].Type() == sqlite3.NULL:
		rowid, err = w.insert(args[2:])
	default:
		err = w.change(args[0], args[2:])
	}
	return rowid, t.s.refuse(err)
}

// writing is the write of a row.
type writing struct {
	*vtab
	rows    provider.Mover
	scope   provider.Scope
	replace bool // OR REPLACE: rows that are in the way go
}

func (w *writing) fail(op string, err error) error {
	return &store.Error{Op: op, Table: w.name, Err: err}
}

// keyOf is the encoded key of a row, from the column that stands for it. It is not nil: the
// key of an empty text has no bytes.
func (w *writing) keyOf(v sqlite3.Value) ([]byte, error) {
	if w.key < 0 {
		return v.Blob(nil), nil
	}
	part, err := w.columns[w.key].assigned(w.def.Columns[w.key].Name, v)
	if err != nil {
		return nil, err
	}
	return w.def.EncodeKey([]byte{}, part)
}

func (w *writing) remove(key sqlite3.Value) error {
	k, err := w.keyOf(key)
	if err != nil {
		return w.fail("delete", err)
	}
	// A row that is not there any more has expired since it was read.
	_, err = w.rows.Delete(w.s.context(), w.scope, k)
	return err
}

func (w *writing) insert(args []sqlite3.Value) (rowid int64, err error) {
	values := make([]provider.Value, len(w.columns))
	for i := range w.columns {
		name := w.def.Columns[i].Name
		if values[i], err = w.columns[i].assigned(name, args[i]); err != nil {
			return 0, w.fail("insert", err)
		}
		if values[i].IsNull() && !w.mayMiss(i) {
			return 0, w.fail("insert", missing{record.Invalid(name, "is missing: it may not be null, and has no default")})
		}
	}
	if w.key < 0 && args[len(w.columns)].Type() != sqlite3.NULL {
		return 0, w.fail("insert", record.Invalid(w.keyName, "is made of the columns of the key: leave it out"))
	}
	r := &row{w: w, value: func(c int) (provider.Value, bool) { return values[c], true }}
	var key []byte
	err = w.over(r, true, func() (err error) {
		key, err = w.rows.Insert(w.s.context(), w.scope, values)
		return err
	})
	if err != nil || w.key < 0 || w.columns[w.key].form != formInt {
		return 0, err
	}
	parts, err := w.def.DecodeKey(key)
	if err != nil {
		return 0, err
	}
	return parts[0].Int64(), nil
}

// missing is an error of a value that must be there.
type missing struct{ error }

func (m missing) Unwrap() error { return m.error }

// Is makes it one that errors.Is finds.
func (m missing) Is(target error) bool { return target == errMissing }

var errMissing = errors.New("a value is missing")

// mayMiss reports whether a row may be inserted without a value of a column.
func (w *writing) mayMiss(i int) bool {
	c := &w.def.Columns[i]
	switch {
	case c.Nullable:
		return true
	case c.Type.Kind == kind.List || c.Type.Kind == kind.Map:
		return true // none is an empty one
	}
	return w.def.Source.Fields[c.Field].Default != nil
}

// change assigns the columns that the statement names.
func (w *writing) change(key sqlite3.Value, args []sqlite3.Value) error {
	k, err := w.keyOf(key)
	if err != nil {
		return w.fail("update", err)
	}
	var set []provider.Assignment
	moves := false
	for i := range w.columns {
		if args[i].NoChange() {
			continue
		}
		v, err := w.columns[i].assigned(w.def.Columns[i].Name, args[i])
		if err != nil {
			return w.fail("update", err)
		}
		set = append(set, provider.Assignment{Column: i, Value: v})
		moves = moves || w.def.Columns[i].InKey
	}
	if w.key < 0 && !args[len(w.columns)].NoChange() {
		return w.fail("update", record.Invalid(w.keyName, "is made of the columns of the key: change those"))
	}
	r := &row{w: w, key: k, value: func(c int) (provider.Value, bool) {
		i := slices.IndexFunc(set, func(a provider.Assignment) bool { return a.Column == c })
		if i < 0 {
			return never, false
		}
		return set[i].Value, true
	}}
	return w.over(r, !moves, func() error {
		if !moves {
			return w.rows.Update(w.s.context(), w.scope, k, set)
		}
		_, err := w.rows.Move(w.s.context(), w.scope, k, set)
		return err
	})
}

// valueOf reads a column of a row.
func (w *writing) valueOf(key []byte, column int) (v provider.Value, err error) {
	parts, err := w.def.DecodeKey(key)
	if err != nil {
		return v, err
	}
	c, err := w.rows.Scan(w.s.context(), &provider.ScanRequest{Scope: w.scope, Columns: provider.Cols(column), Ranges: []provider.KeyRange{{Equal: parts}}})
	if err != nil {
		return v, err
	}
	if c.Next() {
		v = c.Value(column).Clone()
	}
	return v, c.Close()
}

// over does a write. One that is refused leaves nothing, and with OR REPLACE the rows that
// are in its way go first: the one that has its key, or a value of a unique index. whole says
// that the write itself leaves nothing where it is refused.
func (w *writing) over(r *row, whole bool, do func() error) error {
	if whole && !w.replace {
		return do()
	}
	tx := w.s.txn
	start, err := tx.Savepoint()
	if err != nil {
		return err
	}
	if err = w.replacing(r, start, do); err != nil {
		if back := tx.RollbackTo(start); back != nil {
			return errors.Join(err, back)
		}
	}
	if end := tx.Release(start); err == nil {
		err = end
	}
	return err
}

// replacing does a write until nothing is in its way.
func (w *writing) replacing(r *row, from store.Savepoint, do func() error) error {
	for {
		err := do()
		if err == nil || !w.replace {
			return err
		}
		if back := w.s.txn.RollbackTo(from); back != nil {
			return errors.Join(err, back)
		}
		held, why := w.inTheWay(r, err)
		if why != nil || held == nil {
			return errors.Join(err, why)
		}
		there, why := w.rows.Delete(w.s.context(), w.scope, held)
		if why != nil || !there {
			return errors.Join(err, why)
		}
		if from, why = w.s.txn.Savepoint(); why != nil {
			return why
		}
	}
}

// row is a row as it is to be written.
type row struct {
	w     *writing
	key   []byte // that it has now; nil where it is new
	value func(column int) (v provider.Value, given bool)
}

// at is what a column is to be.
func (r *row) at(column int) (provider.Value, error) {
	if v, ok := r.value(column); ok || r.key == nil {
		return v, nil
	}
	return r.w.valueOf(r.key, column)
}

// inTheWay is the key of the row that a write was refused for; nil where it was not, or the
// principal may not know.
func (w *writing) inTheWay(r *row, err error) ([]byte, error) {
	var unique *store.UniqueError
	path := -1
	switch {
	case errors.Is(err, store.ErrExists):
		path = 0
	case errors.As(err, &unique):
		if unique.HolderKey != nil {
			return unique.HolderKey, nil
		}
		path = w.def.PathNamed(unique.Index)
	}
	if path < 0 {
		return nil, nil
	}
	var values []provider.Value
	for _, pc := range w.def.Paths[path].Columns {
		v, err := r.at(pc.Column)
		if err != nil || pc.Each {
			return nil, err
		}
		values = append(values, v)
	}
	if path == 0 {
		return w.def.EncodeKey([]byte{}, values...)
	}
	c, err := w.rows.Scan(w.s.context(), &provider.ScanRequest{Scope: w.scope, Path: path, Ranges: []provider.KeyRange{{Equal: values}}})
	if err != nil {
		return nil, err
	}
	var key []byte
	if c.Next() {
		key = append([]byte{}, c.Key()...)
	}
	return key, c.Close()
}
