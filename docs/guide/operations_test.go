package guide_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/storegen/storegen/generated/system"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/engine/leveldb"
	"github.com/storegen/storegen/runtime/store"
)

func Example_backup() {
	dir, err := os.MkdirTemp("", "guide")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	withTables(func(ctx context.Context, d *fixture) error {
		file := filepath.Join(dir, "backup")
		if err := backup(ctx, d.sys.DB, file); err != nil {
			return err
		}
		return restore(ctx, filepath.Join(dir, "data"), file, func(db *store.DB) error {
			if _, err := system.Open(ctx, db); err != nil {
				return err
			}
			if err := verify(ctx, db); err != nil {
				return err
			}
			r, err := admin.Repair(ctx, db, admin.VerifyOptions{})
			fmt.Println(r.Fixed, "fixed,", r.Aside, "aside,", len(r.Left), "left", err)
			return nil
		})
	})
	// Output:
	// 8 rows, 11 entries, 0 findings <nil>
	// 0 fixed, 0 aside, 0 left <nil>
}

func backup(ctx context.Context, db *store.DB, file string) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := admin.Backup(ctx, db, f); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return nil
}

// restore restores a backup into a folder, and gives the database to use.
func restore(ctx context.Context, dir, file string, use func(db *store.DB) error) error {
	eng, err := leveldb.Open(dir, nil) // a new, empty folder
	if err != nil {
		return err
	}
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := admin.Restore(ctx, eng, f); err != nil {
		return err // store.ErrBackup: the stream is cut, or altered, or no backup
	}
	db, err := store.Open(ctx, eng)
	if err != nil {
		return err
	}
	defer db.Close()
	return use(db)
}

func verify(ctx context.Context, db *store.DB) error {
	v, err := admin.Verify(ctx, db, admin.VerifyOptions{
		Found: func(f admin.Finding) { fmt.Println(f) },
		Rate:  100_000, // at most so many keys in a second
	})
	fmt.Println(v.Rows, "rows,", v.Entries, "entries,", v.Findings, "findings", err)
	return nil
}
