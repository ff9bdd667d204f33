package bench

import (
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"time"

	_ "modernc.org/sqlite"
)

// sqliteStore is SQLite through database/sql, with prepared statements.
type sqliteStore struct {
	db                                                      *sql.DB
	insert, update, get, has, byName, byRole, all, pre, del *sql.Stmt
}

func openSQLite(o Options) (Contestant, error) {
	sync := "OFF"
	if o.Sync {
		sync = "FULL"
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(o.Dir, "sqlite")+"?_pragma=journal_mode(WAL)&_pragma=synchronous("+sync+")&_pragma=cache_size(-131072)&_pragma=busy_timeout(10000)&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	s := &sqliteStore{db: db}
	_, err = db.Exec(`CREATE TABLE IF NOT EXISTS users (id TEXT PRIMARY KEY, username TEXT NOT NULL UNIQUE, role TEXT NOT NULL,
		email TEXT, created_at INTEGER, active INTEGER, tags TEXT, hash TEXT) WITHOUT ROWID;
		CREATE INDEX IF NOT EXISTS by_role ON users (role, id)`)
	const cols = "id, username, role, email, created_at, active, tags, hash"
	for _, p := range []struct {
		stmt **sql.Stmt
		text string
	}{
		{&s.insert, "INSERT INTO users (" + cols + ") VALUES (?,?,?,?,?,?,?,?)"},
		{&s.update, "UPDATE users SET role = ? WHERE id = ?"},
		{&s.get, "SELECT " + cols + " FROM users WHERE id = ?"},
		{&s.has, "SELECT 1 FROM users WHERE id = ?"},
		{&s.byName, "SELECT " + cols + " FROM users WHERE username = ?"},
		{&s.byRole, "SELECT " + cols + " FROM users WHERE role = ? ORDER BY id LIMIT ?"},
		{&s.all, "SELECT " + cols + " FROM users ORDER BY id"},
		{&s.pre, "SELECT " + cols + " FROM users WHERE id >= ? AND id < ? ORDER BY id"},
		{&s.del, "DELETE FROM users WHERE id = ?"},
	} {
		if err == nil {
			*p.stmt, err = db.Prepare(p.text)
		}
	}
	return s, err
}

func insertArgs(u *User) []any {
	return []any{u.ID, u.Username, u.Role, u.Email, u.CreatedAt.UnixNano(), u.Active, strings.Join(u.Tags, ","), u.Hash}
}

type scanner interface{ Scan(...any) error }

func scanUser(r scanner, u *User) error {
	var at int64
	var tags string
	*u = User{}
	if err := r.Scan(&u.ID, &u.Username, &u.Role, &u.Email, &at, &u.Active, &tags, &u.Hash); err != nil {
		return err
	}
	u.CreatedAt = time.Unix(0, at).UTC()
	if tags != "" {
		u.Tags = strings.Split(tags, ",")
	}
	return nil
}

func (s *sqliteStore) Insert(u *User) error {
	_, err := s.insert.Exec(insertArgs(u)...)
	return err
}

func (s *sqliteStore) InsertBatch(us []*User) error {
	tx, err := s.db.Begin()
	if err != nil {
		return err
	}
	st := tx.Stmt(s.insert)
	for _, u := range us {
		if _, err := st.Exec(insertArgs(u)...); err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	return tx.Commit()
}

func (s *sqliteStore) Update(id, role string) error {
	r, err := s.update.Exec(role, id)
	if err != nil {
		return err
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, errNotFound)
	}
	return nil
}

func (s *sqliteStore) one(st *sql.Stmt, arg string, u *User) (bool, error) {
	err := scanUser(st.QueryRow(arg), u)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

func (s *sqliteStore) Get(id string, u *User) (bool, error) { return s.one(s.get, id, u) }

func (s *sqliteStore) Has(id string) (bool, error) {
	var n int
	err := s.has.QueryRow(id).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

func (s *sqliteStore) GetMany(ids []string, visit func(u *User)) error { return getEach(s, ids, visit) }

func (s *sqliteStore) GetByUsername(name string, u *User) (bool, error) {
	return s.one(s.byName, name, u)
}

func (s *sqliteStore) many(st *sql.Stmt, visit func(u *User), args ...any) error {
	rows, err := st.Query(args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var u User
		if err := scanUser(rows, &u); err != nil {
			return err
		}
		visit(&u)
	}
	return rows.Err()
}

func (s *sqliteStore) ScanRole(role string, limit int, visit func(u *User)) error {
	return s.many(s.byRole, visit, role, limit)
}

func (s *sqliteStore) ScanAll(visit func(u *User)) error { return s.many(s.all, visit) }

func (s *sqliteStore) ScanPrefix(prefix string, visit func(u *User)) error {
	end := []byte(prefix)
	end[len(end)-1]++
	return s.many(s.pre, visit, prefix, string(end))
}

func (s *sqliteStore) Delete(id string) error {
	_, err := s.del.Exec(id)
	return err
}

func (s *sqliteStore) Close() error { return s.db.Close() }
