package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/dynamic"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/storeimpl"
)

// Table is a table that a program has open: what generated code, package dynamic and
// store.Table have.
type Table interface{ Handle() *storeimpl.Handle }

// Option says what Open shows, and to whom.
type Option func(*options)

type options struct {
	who      *access.Principal
	tables   []Table
	families []string
	readOnly bool
}

// As has all statements run for a principal: what it may not read is not there, and where
// rows have owners it sees and writes its own.
func As(p access.Principal) Option { return func(o *options) { o.who = &p } }

// Tables shows tables that the program has open, as members of families, beside those that
// Open finds in the catalog. What a table is guarded by stays.
func Tables(tables ...Table) Option {
	return func(o *options) { o.tables = append(o.tables, tables...) }
}

// Members shows all members of families that there are when Open is called, as tables of
// the names that errors have: "shared.rows[app/orders]", which SQL wants in quotes.
func Members(families ...string) Option {
	return func(o *options) { o.families = append(o.families, families...) }
}

// ReadOnly refuses all writes but those to temporary tables.
func ReadOnly() Option { return func(o *options) { o.readOnly = true } }

// Open returns the database as SQL. It shows the tables that are there now, and reads none
// of their rows. Close it before the database.
func Open(db *store.DB, opts ...Option) (*sql.DB, error) {
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	p := &pool{db: db, who: o.who, readOnly: o.readOnly, byName: map[string]*table{}, missing: map[string]error{}}
	if err := p.find(context.Background(), &o); err != nil {
		return nil, err
	}
	c, err := newConnector(p)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(c), nil
}

// pool is what the connections of one Open have in common.
type pool struct {
	db       *store.DB
	who      *access.Principal
	readOnly bool
	tables   []*table
	byName   map[string]*table // by the store's name
	missing  map[string]error  // by a name in SQL, in small letters: why it is not there
	open     atomic.Int64      // snapshots and transactions of the store
}

// find finds the tables.
func (p *pool) find(ctx context.Context, o *options) error {
	for _, t := range o.tables {
		if err := p.add(provider.New(t)); err != nil {
			return err
		}
	}
	stored, err := p.db.Tables(ctx)
	if err != nil {
		return fmt.Errorf("open as SQL: %w", err)
	}
	families := map[string]bool{}
	for _, name := range o.families {
		families[name] = true
	}
	for _, s := range stored {
		name := s.Table.Name
		switch {
		case len(s.Table.Per) > 0 && families[name]:
			delete(families, name)
			members, err := p.db.Members(ctx, s.Table)
			if err != nil {
				return fmt.Errorf("open as SQL: members of %s: %w", name, err)
			}
			for _, m := range members {
				t, err := dynamic.OpenMember(ctx, p.db, s.Table, m)
				if err != nil {
					p.leaveOut(name, err)
					break
				}
				if err := p.add(provider.New(t)); err != nil {
					return err
				}
			}
		case len(s.Table.Per) > 0:
			p.leaveOut(name, fmt.Errorf("%s is a family: its members are tables, with the option Members(%q), or Tables of those that are open", name, name))
		case p.byName[name] != nil:
		default:
			t, err := dynamic.Open(ctx, p.db, s.Table)
			if err != nil {
				p.leaveOut(name, err)
				continue
			}
			if err := p.add(provider.New(t)); err != nil {
				return err
			}
		}
	}
	for name := range families {
		return fmt.Errorf("open as SQL: %w: there is no family %s", store.ErrNotFound, name)
	}
	return nil
}

// add adds a table, if the principal may read it.
func (p *pool) add(rows provider.Table) error {
	def := rows.Def()
	if p.byName[def.Name] != nil {
		return nil // the program has given it twice
	}
	if p.who != nil {
		if err := access.CheckRead(*p.who, def.Access, def.Name); err != nil {
			p.leaveOut(def.Name, err)
			return nil
		}
		rows = provider.Secure(rows, *p.who)
	}
	t, err := newTable(rows)
	if err != nil {
		p.leaveOut(def.Name, err)
		return nil
	}
	for _, other := range p.tables {
		if strings.EqualFold(other.flat, t.flat) {
			// a.b_c and a_b.c; a_b_c has no other name.
			if t.flat != t.name {
				t.flat = t.name
			} else {
				other.flat = other.name
			}
		}
		if strings.EqualFold(other.name, t.name) {
			p.leaveOut(def.Name, fmt.Errorf("SQL does not tell the names of %s and %s apart", other.name, t.name))
			return nil
		}
	}
	p.tables = append(p.tables, t)
	p.byName[t.name] = t
	return nil
}

// leaveOut remembers why a table is not there.
func (p *pool) leaveOut(name string, why error) {
	for _, n := range []string{name, flatName(name)} {
		p.missing[strings.ToLower(n)] = why
	}
}

// why is the reason why a table of a name in SQL is not there, or nil.
func (p *pool) why(name string) error {
	return p.missing[strings.ToLower(strings.TrimPrefix(name, "main."))]
}

// errReadOnly refuses writes.
var errReadOnly = fmt.Errorf("%w: the tables were opened with sqlstore.ReadOnly", store.ErrReadOnly)

// errReads refuses writes too.
var errReads = fmt.Errorf("%w: the transaction was begun with sql.TxOptions.ReadOnly", store.ErrReadOnly)

// OpenStates is how many snapshots and transactions of the store the statements of a
// database that Open returned have open: none between statements, outside of BEGIN and
// COMMIT. It is for tests.
func OpenStates(db *sql.DB) int {
	d, ok := db.Driver().(*sqlDriver)
	if !ok {
		return 0
	}
	return int(d.pool.open.Load())
}
