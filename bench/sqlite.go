package bench

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	_ "modernc.org/sqlite"
)

// sqliteStore is SQLite through database/sql, with prepared statements.
type sqliteStore struct {
	db                                                             *sql.DB
	insert, update, touch, get, has, byName, byRole, all, pre, del *sql.Stmt
	page, columns                                                  *sql.Stmt
	addMember, emails                                              *sql.Stmt
	addAccount, addCounter, account, counter, take, give           *sql.Stmt
	addSession, sweep, hasSession                                  *sql.Stmt
}

const sqliteSchema = `
	CREATE TABLE IF NOT EXISTS users (id TEXT PRIMARY KEY, username TEXT NOT NULL UNIQUE, role TEXT NOT NULL,
		email TEXT, created_at INTEGER, active INTEGER, tags TEXT, hash TEXT) WITHOUT ROWID;
	CREATE INDEX IF NOT EXISTS by_role ON users (role, id);
	CREATE TABLE IF NOT EXISTS members (id TEXT PRIMARY KEY, role TEXT, email TEXT, hash TEXT) WITHOUT ROWID;
	CREATE INDEX IF NOT EXISTS member_roles ON members (role, id, email);
	CREATE TABLE IF NOT EXISTS accounts (id TEXT PRIMARY KEY, balance INTEGER NOT NULL) WITHOUT ROWID;
	CREATE TABLE IF NOT EXISTS counters (id TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;
	CREATE TABLE IF NOT EXISTS sessions (id TEXT PRIMARY KEY, username TEXT, expires_at INTEGER) WITHOUT ROWID;
	CREATE INDEX IF NOT EXISTS by_expiry ON sessions (expires_at)`

// openModernc is SQLite without cgo.
func openModernc(o Options) (Contestant, error) {
	return openSQLite("sqlite", o, "_pragma=journal_mode(WAL)&_pragma=synchronous(%s)&_pragma=cache_size(-131072)&_pragma=busy_timeout(10000)&_txlock=immediate")
}

// openSQLite opens a database through a driver, with its way to say how.
func openSQLite(driver string, o Options, how string) (Contestant, error) {
	sync := "OFF"
	if o.Sync {
		sync = "FULL"
	}
	db, err := sql.Open(driver, "file:"+filepath.Join(o.Dir, "sqlite")+"?"+fmt.Sprintf(how, sync))
	if err != nil {
		return nil, err
	}
	s := &sqliteStore{db: db}
	_, err = db.Exec(sqliteSchema)
	const cols = "id, username, role, email, created_at, active, tags, hash"
	for _, p := range []struct {
		stmt **sql.Stmt
		text string
	}{
		{&s.insert, "INSERT INTO users (" + cols + ") VALUES (?,?,?,?,?,?,?,?)"},
		{&s.update, "UPDATE users SET role = ? WHERE id = ?"},
		{&s.touch, "UPDATE users SET hash = ? WHERE id = ?"},
		{&s.get, "SELECT " + cols + " FROM users WHERE id = ?"},
		{&s.has, "SELECT 1 FROM users WHERE id = ?"},
		{&s.byName, "SELECT " + cols + " FROM users WHERE username = ?"},
		{&s.byRole, "SELECT " + cols + " FROM users WHERE role = ? ORDER BY id LIMIT ?"},
		{&s.page, "SELECT " + cols + " FROM users WHERE role = ? AND id > ? ORDER BY id LIMIT ?"},
		{&s.all, "SELECT " + cols + " FROM users ORDER BY id"},
		{&s.columns, "SELECT id, email FROM users ORDER BY id"},
		{&s.pre, "SELECT " + cols + " FROM users WHERE id >= ? AND id < ? ORDER BY id"},
		{&s.del, "DELETE FROM users WHERE id = ?"},
		{&s.addMember, "INSERT INTO members (id, role, email, hash) VALUES (?,?,?,?)"},
		{&s.emails, "SELECT id, email FROM members WHERE role = ? ORDER BY id LIMIT ?"},
		{&s.addAccount, "INSERT INTO accounts (id, balance) VALUES (?,0)"},
		{&s.addCounter, "INSERT INTO counters (id, n) VALUES (?,0)"},
		{&s.account, "SELECT balance FROM accounts WHERE id = ?"},
		{&s.counter, "SELECT n FROM counters WHERE id = ?"},
		{&s.take, "UPDATE accounts SET balance = balance - ? WHERE id = ?"},
		{&s.give, "UPDATE counters SET n = n + ? WHERE id = ?"},
		{&s.addSession, "INSERT INTO sessions (id, username, expires_at) VALUES (?,?,?)"},
		{&s.sweep, "DELETE FROM sessions WHERE expires_at <= ?"},
		{&s.hasSession, "SELECT 1 FROM sessions WHERE id = ?"},
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
	return batch(s, s.insert, us, insertArgs)
}

// batch runs a statement for each row, in one transaction.
func batch[T any](s *sqliteStore, stmt *sql.Stmt, rows []T, args func(T) []any) error {
	return s.in(func(tx *sql.Tx) error {
		st := tx.Stmt(stmt)
		for _, r := range rows {
			if _, err := st.Exec(args(r)...); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *sqliteStore) in(fn func(tx *sql.Tx) error) error {
	tx, err := s.db.Begin()
	if err != nil {
		return err
	}
	if err := fn(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

func (s *sqliteStore) Update(id, role string) error { return hit(s.update.Exec(role, id)) }
func (s *sqliteStore) Touch(id, hash string) error  { return hit(s.touch.Exec(hash, id)) }

// hit makes sure that a statement has changed something.
func hit(r sql.Result, err error) error {
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

func (s *sqliteStore) Has(id string) (bool, error) { return there(s.has, id) }

func there(st *sql.Stmt, id string) (bool, error) {
	var n int
	err := st.QueryRow(id).Scan(&n)
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

func (s *sqliteStore) PageRole(role string, n int, from string, visit func(u *User)) (next string, err error) {
	got := 0
	err = s.many(s.page, func(u *User) {
		visit(u)
		if got++; got == n {
			next = u.ID
		}
	}, role, from, n)
	return next, err
}

func (s *sqliteStore) ScanColumns(visit func(id, email string)) error {
	return s.pairs(s.columns, visit)
}

func (s *sqliteStore) pairs(st *sql.Stmt, visit func(id, email string), args ...any) error {
	rows, err := st.Query(args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id, email string
		if err := rows.Scan(&id, &email); err != nil {
			return err
		}
		visit(id, email)
	}
	return rows.Err()
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

func (s *sqliteStore) AddMembers(ms []*Member) error {
	return batch(s, s.addMember, ms, func(m *Member) []any { return []any{m.ID, m.Role, m.Email, m.Hash} })
}

func (s *sqliteStore) RoleEmails(role string, limit int, visit func(id, email string)) error {
	return s.pairs(s.emails, visit, role, limit)
}

func (s *sqliteStore) AddAccounts(ids []string) error {
	args := func(id string) []any { return []any{id} }
	return errors.Join(batch(s, s.addAccount, ids, args), batch(s, s.addCounter, ids, args))
}

func (s *sqliteStore) Transfer(account, counter string, amount int64) error {
	return s.in(func(tx *sql.Tx) error {
		if err := hit(tx.Stmt(s.take).Exec(amount, account)); err != nil {
			return err
		}
		return hit(tx.Stmt(s.give).Exec(amount, counter))
	})
}

func (s *sqliteStore) Balance(account, counter string) (a, c int64, err error) {
	err = s.in(func(tx *sql.Tx) error {
		return errors.Join(tx.Stmt(s.account).QueryRow(account).Scan(&a), tx.Stmt(s.counter).QueryRow(counter).Scan(&c))
	})
	return a, c, err
}

func (s *sqliteStore) AddSessions(ss []*Session) error {
	return batch(s, s.addSession, ss, func(v *Session) []any { return []any{v.ID, v.Username, v.ExpiresAt.UnixNano()} })
}

func (s *sqliteStore) Sweep() (int, error) {
	r, err := s.sweep.Exec(time.Now().UnixNano())
	if err != nil {
		return 0, err
	}
	n, err := r.RowsAffected()
	return int(n), err
}

func (s *sqliteStore) HasSession(id string) (bool, error) { return there(s.hasSession, id) }

func (s *sqliteStore) Close() error { return s.db.Close() }
