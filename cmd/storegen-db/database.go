package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/storegen/storegen/cmd/storegen-db/internal/show"
	"github.com/storegen/storegen/engines/pebble"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/dynamic"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/leveldb"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/store"
)

// engines are those that a database can be on, by the words before its directory.
var engines = map[string]struct {
	// files are patterns of names that files of the engine alone have. A directory with one
	// has its database, be it damaged.
	files []string
	open  func(dir string, o openOptions) (engine.Engine, error)
}{
	"leveldb": {
		files: []string{"CURRENT", "MANIFEST-*", "*.ldb"}, // pebble has the first two as well
		open: func(dir string, o openOptions) (engine.Engine, error) {
			return leveldb.Open(dir, &leveldb.Options{ReadOnly: o.readOnly, MustExist: !o.create, TruncateDamagedJournal: o.cutJournal})
		},
	},
	"pebble": {
		files: []string{"marker.*", "OPTIONS-*", "*.sst"},
		open: func(dir string, o openOptions) (engine.Engine, error) {
			if o.cutJournal {
				return nil, usageError("-truncate-journal is for databases on goleveldb")
			}
			return pebble.Open(dir, &pebble.Options{ReadOnly: o.readOnly, MustExist: !o.create})
		},
	},
}

type openOptions struct{ readOnly, create, cutJournal bool }

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// openEngine opens the engine of a database: a directory, with or without the name of the
// engine before it.
func openEngine(name string, o openOptions) (engine.Engine, error) {
	if kind, dir, ok := strings.Cut(name, ":"); ok && engines[kind].open != nil {
		return engines[kind].open(dir, o)
	}
	entries, err := os.ReadDir(name)
	if err != nil && exists(name) {
		return nil, err
	}
	for _, kind := range []string{"pebble", "leveldb"} { // in this order, by files
		for _, entry := range entries {
			for _, pattern := range engines[kind].files {
				if ok, _ := path.Match(pattern, entry.Name()); ok {
					return engines[kind].open(name, o)
				}
			}
		}
	}
	if kind, _, ok := strings.Cut(name, ":"); ok && len(kind) > 1 && !exists(name) && !strings.ContainsAny(kind, `/\`) { // and no drive
		return nil, fmt.Errorf("%s: there is no engine %q; %s", name, kind, show.Suggest(kind, slices.Sorted(maps.Keys(engines))))
	}
	if !exists(name) {
		return nil, fmt.Errorf("%s: there is no such directory", name)
	}
	return nil, fmt.Errorf("%s: there is no database in this directory", name)
}

// database is one that is opened, with its tables by what the catalog says of them.
type database struct {
	*store.DB
	tables []*table
}

// table is a table, or a member of a family.
type table struct {
	name   string // as it is typed: system.users, shared.rows[app/orders]
	desc   *catalog.Table
	member []byte // of a family, or nil
	handle *dynamic.Table
}

// open opens the table by its description.
func (t *table) open(ctx context.Context, db *store.DB) (err error) {
	switch {
	case t.handle != nil:
	case t.member != nil:
		t.handle, err = dynamic.OpenMember(ctx, db, t.desc, t.member)
	default:
		t.handle, err = dynamic.Open(ctx, db, t.desc)
	}
	return err
}

func (t *table) provider() *provider.Provider { return provider.New(t.handle) }

// open opens the database that is the first argument, and takes that away.
func (c *call) open() (*database, error) {
	if len(c.args) == 0 {
		return nil, usageError("say which database: its directory")
	}
	name := c.args[0]
	c.args = c.args[1:]
	eng, err := openEngine(name, openOptions{readOnly: !c.write, cutJournal: c.cutJournal})
	if err != nil {
		return nil, heldHelp(err)
	}
	db, err := store.Open(c.ctx, eng)
	if err != nil {
		return nil, errors.Join(err, eng.Close())
	}
	d := &database{DB: db}
	if err := d.load(c.ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return d, nil
}

func heldHelp(err error) error {
	if errors.Is(err, engine.ErrUnavailable) {
		return fmt.Errorf("%w\nhelp: end the process that has the database open, or look into a backup of it", err)
	}
	return err
}

// load finds the tables.
func (d *database) load(ctx context.Context) error {
	stored, err := d.Tables(ctx)
	if err != nil {
		return err
	}
	for _, st := range stored {
		if len(st.Table.Per) == 0 {
			d.tables = append(d.tables, &table{name: st.Table.Name, desc: st.Table})
			continue
		}
		members, err := d.Members(ctx, st.Table)
		if err != nil {
			return err
		}
		for _, m := range members {
			text, err := dynamic.MemberText(st.Table, m)
			if err != nil {
				return err
			}
			d.tables = append(d.tables, &table{name: st.Table.Name + "[" + text + "]", desc: st.Table, member: m})
		}
	}
	return nil
}

// openAll opens all tables that can be opened, and tells of the others.
func (c *call) openAll(d *database) {
	for _, t := range d.tables {
		if err := t.open(c.ctx, d.DB); err != nil {
			fmt.Fprintf(c.stderr, "storegen-db: %s is left out: %s\n", show.OneLine(t.name), show.Safe(err.Error()))
		}
	}
}

// size is about how many rows and entries the open tables have; 0 where that is not known.
func (d *database) size(ctx context.Context) (total int64) {
	for _, t := range d.tables {
		if t.handle == nil {
			continue // it is not read
		}
		stats, err := t.provider().Stats(ctx)
		if err != nil || !stats.Known {
			return 0
		}
		total += stats.Rows * int64(1+len(t.desc.Indexes))
	}
	return total
}

// named is the table whose name is the next argument, which is taken away.
func (c *call) named(d *database) (*table, error) {
	if len(c.args) == 0 {
		return nil, usageError("say which table")
	}
	name := c.args[0]
	c.args = c.args[1:]
	var names []string
	for _, t := range d.tables {
		if t.name == name {
			return t, nil
		}
		names = append(names, t.name)
	}
	return nil, fmt.Errorf("the database has no table %q; %s", name, show.Suggest(name, names))
}

// table is named, opened.
func (c *call) table(d *database) (*table, error) {
	t, err := c.named(d)
	if err == nil {
		err = t.open(c.ctx, d.DB)
	}
	return t, err
}
