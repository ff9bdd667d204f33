package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/storegen/storegen/bench"
	"github.com/storegen/storegen/bench/db/users"
	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/shared"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/engine/leveldb"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/storeimpl"
	goleveldb "github.com/syndtr/goleveldb/leveldb"
	"github.com/syndtr/goleveldb/leveldb/filter"
	"github.com/syndtr/goleveldb/leveldb/opt"
)

const (
	startTables  = 1_000
	startMembers = 10_000
)

var ctx = context.Background()

// renamed is the codec of users for a table of another name.
type renamed struct {
	storeimpl.RowCodec
	desc *catalog.Table
}

func (r *renamed) Desc() *catalog.Table { return r.desc }

// manyTables describes tables that are like users but for their names.
func manyTables() ([]*renamed, error) {
	c, err := bench.UsersCodec()
	if err != nil {
		return nil, err
	}
	var out []*renamed
	for i := range startTables {
		desc := *users.Desc
		desc.Name, desc.Number = fmt.Sprintf("table%04d", i), i+1
		out = append(out, &renamed{c, &desc})
	}
	return out, nil
}

func descsOf(tables []*renamed) []*catalog.Table {
	descs := make([]*catalog.Table, len(tables))
	for i, t := range tables {
		descs[i] = t.desc
	}
	return descs
}

// opening is one way to open a database. It returns what closes it.
type opening struct {
	name string
	open func(dir string) (closer func() error, err error)
}

// start measures how long a database with many tables and rows takes to open.
func start(out *reporter) error {
	dir, err := os.MkdirTemp("", "bench-start-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	tables, err := manyTables()
	if err != nil {
		return err
	}
	full := filepath.Join(dir, "full")
	if err := fill(full, tables); err != nil {
		return err
	}
	openings := []opening{
		{"goleveldb", openRaw},
		{"the database", func(dir string) (func() error, error) {
			db, err := openDB(dir)
			if err != nil {
				return nil, err
			}
			return db.Close, nil
		}},
		{fmt.Sprintf("the database and %d tables", startTables), func(dir string) (func() error, error) {
			db, err := openDB(dir)
			if err != nil {
				return nil, err
			}
			return db.Close, openTables(db, tables)
		}},
		{"the same tables, one by one", func(dir string) (func() error, error) {
			db, err := openDB(dir)
			if err != nil {
				return nil, err
			}
			return db.Close, openEach(db, tables)
		}},
	}
	samples := map[string][]sample{}
	for range 3 * *passes {
		for _, i := range rand.Perm(len(openings)) {
			o := openings[i]
			var closer func() error
			runtime.GC() // of what was open before
			err := profiled("open "+o.name, func() error {
				s, err := sampled(1, func() (err error) {
					closer, err = o.open(full)
					return err
				}, nil)
				samples[o.name] = append(samples[o.name], s)
				return err
			})
			if err != nil {
				return fmt.Errorf("%s: %w", o.name, err)
			}
			if err := closer(); err != nil {
				return err
			}
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Opening a database with %d tables and %d rows: the median of %d openings in turn, with ratios to goleveldb's own, the least and the most. %s.\n\n", startTables, *most, 3**passes, machine())
	fmt.Fprint(&b, "| | elapsed | ratio | processor | ratio |\n|---|---|---|---|---|\n")
	for _, o := range openings {
		mine, raw := samples[o.name], samples[openings[0].name]
		w, c := ratioOf(mine, raw, wallOf), ratioOf(mine, raw, cpuOf)
		fmt.Fprintf(&b, "| %s | %s | %s (%s–%s) | %s | %s (%s–%s) |\n", o.name,
			nanos(median(pick(mine, wallOf))), short(w.median), short(w.least), short(w.most),
			nanos(median(pick(mine, cpuOf))), short(c.median), short(c.least), short(c.most))
	}
	families, err := familyMemory(dir)
	if err != nil {
		return err
	}
	return out.section("start", b.String()+"\n"+families)
}

func openDB(dir string) (*store.DB, error) {
	eng, err := leveldb.Open(dir, nil)
	if err != nil {
		return nil, err
	}
	db, err := store.Open(ctx, eng, store.WithoutSync())
	if err != nil {
		return nil, errors.Join(err, eng.Close())
	}
	return db, nil
}

// openRaw opens with goleveldb itself, as the engine does.
func openRaw(dir string) (func() error, error) {
	db, err := goleveldb.OpenFile(dir, &opt.Options{
		BlockSize: leveldb.DefaultBlockSize, BlockCacheCapacity: leveldb.DefaultBlockCache, WriteBuffer: leveldb.DefaultWriteBuffer,
		Filter: filter.NewBloomFilter(leveldb.DefaultBloomBits), OpenFilesCacheCapacity: leveldb.DefaultOpenFiles,
	})
	if err != nil {
		return nil, err
	}
	return db.Close, nil
}

// openTables opens tables as the code of a group does.
func openTables(db *store.DB, tables []*renamed) error {
	if err := db.Define(ctx, descsOf(tables)...); err != nil {
		return err
	}
	return openEach(db, tables)
}

func openEach(db *store.DB, tables []*renamed) error {
	for _, t := range tables {
		if _, err := storeimpl.OpenTable(ctx, db, t); err != nil {
			return err
		}
	}
	return nil
}

// fill makes a database with all tables, and the rows spread over them.
func fill(dir string, tables []*renamed) error {
	db, err := openDB(dir)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.Define(ctx, descsOf(tables)...); err != nil {
		return err
	}
	per := *most / len(tables)
	for i, t := range tables {
		st, err := storeimpl.OpenTable(ctx, db, t)
		if err != nil {
			return err
		}
		for at := 0; at < per; at += 500 {
			var us []*bench.User
			for j := at; j < min(at+500, per); j++ {
				us = append(us, bench.Row(i*per+j))
			}
			if err := st.WriteMany(ctx, true, len(us), func(i int) any { return us[i] }); err != nil {
				return err
			}
		}
	}
	return db.Engine().(*leveldb.DB).Compact(ctx, nil, nil)
}

// familyMemory is what the members of a family cost that are there and not used.
func familyMemory(dir string) (string, error) {
	many := filepath.Join(dir, "families")
	member := func(db *store.DB, i int) error {
		_, err := shared.Open(ctx, db, models.NamespaceID(fmt.Sprintf("namespace%03d", i/100)), models.TableName(fmt.Sprintf("table%03d", i%100)))
		return err
	}
	db, err := openDB(many)
	if err != nil {
		return "", err
	}
	for i := range startMembers {
		if err := member(db, i); err != nil {
			return "", errors.Join(err, db.Close())
		}
	}
	if err := db.Close(); err != nil {
		return "", err
	}
	measured := func(name string, use int) (int64, error) {
		before := live()
		db, err := openDB(name)
		if err != nil {
			return 0, err
		}
		for i := range use {
			if err := member(db, i); err != nil {
				return 0, errors.Join(err, db.Close())
			}
		}
		grown := int64(live()) - int64(before)
		return grown, db.Close()
	}
	none, err := measured(filepath.Join(dir, "empty"), 0)
	if err != nil {
		return "", err
	}
	unused, err := measured(many, 0)
	if err != nil {
		return "", err
	}
	used, err := measured(many, startMembers)
	if err != nil {
		return "", err
	}
	kib := func(n int64) string { return fmt.Sprintf("%.0f KiB", float64(n)/1024) }
	return fmt.Sprintf("| memory in use | |\n|---|---|\n| a database without families, open | %s |\n| one with %d, none of them used | %s |\n| one with %d, all of them opened | %s, %.0f bytes each |\n",
		kib(none), startMembers, kib(unused), startMembers, kib(used), float64(used-none)/startMembers), nil
}
