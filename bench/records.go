package bench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"path/filepath"

	"github.com/syndtr/goleveldb/leveldb"
	"github.com/syndtr/goleveldb/leveldb/util"

	"github.com/storegen/storegen/bench/db/records"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/store"
)

// This file has the contestants of YCSB.

// recordStore is the generated store.
type recordStore struct {
	db *store.DB
	st *records.Store
}

func openRecords(open func(dir string) (engine.Engine, error)) func(dir string) (Records, error) {
	return func(dir string) (Records, error) {
		eng, err := open(dir)
		if err != nil {
			return nil, err
		}
		db, err := store.Open(ctx, eng, store.WithoutSync())
		if err != nil {
			return nil, err
		}
		st, err := records.Open(ctx, db)
		if err != nil {
			return nil, errors.Join(err, db.Close())
		}
		return &recordStore{db, st}, nil
	}
}

func row(r *Record) *records.Record {
	f := &r.Fields
	return &records.Record{ID: r.ID, Field0: f[0], Field1: f[1], Field2: f[2], Field3: f[3], Field4: f[4],
		Field5: f[5], Field6: f[6], Field7: f[7], Field8: f[8], Field9: f[9]}
}

func (r *Record) set(v *records.Record) {
	r.ID = v.ID
	r.Fields = [recordFields]string{v.Field0, v.Field1, v.Field2, v.Field3, v.Field4, v.Field5, v.Field6, v.Field7, v.Field8, v.Field9}
}

func (s *recordStore) Load(rs []*Record) error {
	if len(rs) == 1 {
		return s.st.Insert(ctx, row(rs[0]))
	}
	rows := make([]*records.Record, len(rs))
	for i, r := range rs {
		rows[i] = row(r)
	}
	return s.st.InsertMany(ctx, rows)
}

func (s *recordStore) Read(id string, r *Record) (bool, error) {
	v, err := s.st.Get(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	r.set(&v)
	return err == nil, err
}

func (s *recordStore) Write(r *Record) error { return s.st.Put(ctx, row(r)) }

func (s *recordStore) Modify(id string, field int, text string) error {
	return s.st.Update(ctx, id, func(v *records.Record) error {
		*[]*string{&v.Field0, &v.Field1, &v.Field2, &v.Field3, &v.Field4, &v.Field5, &v.Field6, &v.Field7, &v.Field8, &v.Field9}[field] = text
		return nil
	})
}

func (s *recordStore) Scan(from string, n int, visit func(r *Record)) error {
	var r Record
	return s.st.ByKey.IDFrom(from).Limit(n).Each(ctx, func(v *records.Record) error {
		r.set(v)
		visit(&r)
		return nil
	})
}

func (s *recordStore) Close() error { return s.db.Close() }

// appendRecord is the codec of those by hand: the texts with their lengths.
func appendRecord(dst []byte, r *Record) []byte {
	for _, f := range r.Fields {
		dst = appendText(dst, f)
	}
	return dst
}

func decodeRecord(b []byte, r *Record) error {
	rd := rowReader{b: b}
	for i := range r.Fields {
		r.Fields[i] = rd.text()
	}
	return rd.err
}

// byHandRecords is by hand on an engine that has transactions.
type byHandRecords struct {
	byHand
	close func() error
	own   bool // what get returns need not be copied
}

func openByHandRecords(open func(o Options) (Contestant, error)) func(dir string) (Records, error) {
	return func(dir string) (Records, error) {
		c, err := open(Options{Dir: dir})
		if err != nil {
			return nil, err
		}
		_, own := c.(*badgerByHand)
		return byHandRecords{handOf(c), c.Close, own}, nil
	}
}

func handOf(c Contestant) byHand {
	switch c := c.(type) {
	case *pebbleStore:
		return c.byHand
	case *boltStore:
		return c.byHand
	case *badgerByHand:
		return c.byHand
	}
	panic(fmt.Sprintf("%T is not by hand", c))
}

func (s byHandRecords) Load(rs []*Record) error {
	return s.write(func(tx handTx) error {
		for _, r := range rs {
			key := rowKey(nil, r.ID)
			if v, err := tx.get(key); err != nil || v != nil {
				return errors.Join(err, errExists)
			}
			if err := tx.put(key, appendRecord(nil, r)); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s byHandRecords) Read(id string, r *Record) (found bool, err error) {
	err = s.read(func(tx handTx) error {
		v, err := tx.get(rowKey(nil, id))
		if err != nil || v == nil {
			return err
		}
		found = true
		r.ID = id
		if !s.own {
			v = append([]byte(nil), v...)
		}
		return decodeRecord(v, r)
	})
	return found, err
}

func (s byHandRecords) Write(r *Record) error {
	return s.write(func(tx handTx) error { return tx.put(rowKey(nil, r.ID), appendRecord(nil, r)) })
}

func (s byHandRecords) Modify(id string, field int, text string) error {
	return s.write(func(tx handTx) error {
		key := rowKey(nil, id)
		v, err := tx.get(key)
		if err != nil || v == nil {
			return errors.Join(err, errNotFound)
		}
		var r Record
		if err := decodeRecord(v, &r); err != nil {
			return err
		}
		r.Fields[field] = text
		return tx.put(key, appendRecord(nil, &r))
	})
}

func (s byHandRecords) Scan(from string, n int, visit func(r *Record)) error {
	return s.read(func(tx handTx) error {
		var mem block
		var r Record
		return tx.walk(rowKey(nil, from), []byte{'r' + 1}, func(key, value []byte) (bool, error) {
			r.ID = textOf(mem.copy(key[1:]))
			if err := decodeRecord(mem.copy(value), &r); err != nil {
				return false, err
			}
			visit(&r)
			n--
			return n > 0, nil
		})
	})
}

func (s byHandRecords) Close() error { return s.close() }

// openRawLevel is goleveldb by hand, with one lock over what reads and then writes.
func openRawLevel(dir string) (Records, error) {
	db, err := leveldb.OpenFile(dir, levelOptions())
	if err != nil {
		return nil, err
	}
	lock := make(chan struct{}, 1)
	return byHandRecords{byHand{
		read: func(fn func(tx handTx) error) error { return fn(levelTx{db, nil}) },
		write: func(fn func(tx handTx) error) error {
			lock <- struct{}{}
			defer func() { <-lock }()
			var b leveldb.Batch
			if err := fn(levelTx{db, &b}); err != nil {
				return err
			}
			return db.Write(&b, nil)
		},
	}, db.Close, true}, nil
}

// levelTx is the handTx of goleveldb: what it has written it does not see, which none of
// its users reads.
type levelTx struct {
	db *leveldb.DB
	b  *leveldb.Batch
}

func (t levelTx) get(key []byte) ([]byte, error) {
	v, err := t.db.Get(key, nil)
	if errors.Is(err, leveldb.ErrNotFound) {
		return nil, nil
	}
	return v, err
}

func (t levelTx) put(key, value []byte) error {
	t.b.Put(key, value)
	return nil
}

func (t levelTx) del(key []byte) error {
	t.b.Delete(key)
	return nil
}

func (t levelTx) walk(start, end []byte, visit func(key, value []byte) (bool, error)) error {
	it := t.db.NewIterator(&util.Range{Start: start, Limit: end}, nil)
	defer it.Release()
	for it.Next() {
		if more, err := visit(it.Key(), it.Value()); err != nil || !more {
			return err
		}
	}
	return it.Error()
}

// sqliteRecords is SQLite with a table of rows that have a rowid.
type sqliteRecords struct {
	db                        *sql.DB
	insert, write, read, scan *sql.Stmt
	change                    [recordFields]*sql.Stmt
}

func openSQLiteRecords(dir string) (Records, error) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "records")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)&_pragma=cache_size(-131072)&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	s := &sqliteRecords{db: db}
	const cols = "id, field0, field1, field2, field3, field4, field5, field6, field7, field8, field9"
	_, err = db.Exec("CREATE TABLE records (id TEXT PRIMARY KEY, field0 TEXT, field1 TEXT, field2 TEXT, field3 TEXT, field4 TEXT, field5 TEXT, field6 TEXT, field7 TEXT, field8 TEXT, field9 TEXT)")
	prepare := func(st **sql.Stmt, text string) {
		if err == nil {
			*st, err = db.Prepare(text)
		}
	}
	prepare(&s.insert, "INSERT INTO records ("+cols+") VALUES (?,?,?,?,?,?,?,?,?,?,?)")
	prepare(&s.write, "INSERT OR REPLACE INTO records ("+cols+") VALUES (?,?,?,?,?,?,?,?,?,?,?)")
	prepare(&s.read, "SELECT "+cols+" FROM records WHERE id = ?")
	prepare(&s.scan, "SELECT "+cols+" FROM records WHERE id >= ? ORDER BY id LIMIT ?")
	for i := range s.change {
		prepare(&s.change[i], fmt.Sprintf("UPDATE records SET field%d = ? WHERE id = ?", i))
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

func recordArgs(r *Record) []any {
	args := []any{r.ID}
	for _, f := range r.Fields {
		args = append(args, f)
	}
	return args
}

func (s *sqliteRecords) Load(rs []*Record) error {
	tx, err := s.db.BeginTx(context.Background(), nil)
	if err != nil {
		return err
	}
	st := tx.Stmt(s.insert)
	for _, r := range rs {
		if _, err := st.Exec(recordArgs(r)...); err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	return tx.Commit()
}

func (s *sqliteRecords) Read(id string, r *Record) (bool, error) {
	for v, err := range s.rows(s.read, id) {
		if err != nil {
			return false, err
		}
		*r = *v
		return true, nil
	}
	return false, nil
}

func (s *sqliteRecords) rows(st *sql.Stmt, args ...any) iter.Seq2[*Record, error] {
	return func(yield func(*Record, error) bool) {
		rows, err := st.Query(args...)
		if err != nil {
			yield(nil, err)
			return
		}
		defer rows.Close()
		for rows.Next() {
			r := new(Record)
			to := []any{&r.ID}
			for i := range r.Fields {
				to = append(to, &r.Fields[i])
			}
			if err := rows.Scan(to...); err != nil || !yield(r, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(nil, err)
		}
	}
}

func (s *sqliteRecords) Write(r *Record) error {
	_, err := s.write.Exec(recordArgs(r)...)
	return err
}

func (s *sqliteRecords) Modify(id string, field int, text string) error {
	return hit(s.change[field].Exec(text, id))
}

func (s *sqliteRecords) Scan(from string, n int, visit func(r *Record)) error {
	for r, err := range s.rows(s.scan, from, n) {
		if err != nil {
			return err
		}
		visit(r)
	}
	return nil
}

func (s *sqliteRecords) Close() error { return s.db.Close() }
