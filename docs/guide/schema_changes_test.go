package guide_test

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/storegen/storegen/generated/system"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/leveldb"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/store"
)

func Example_schemaChange() {
	dir, err := os.MkdirTemp("", "guide")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	for _, step := range []func(ctx context.Context, eng engine.Engine) error{older, refused, migrated} {
		eng, err := leveldb.Open(dir, nil)
		if err == nil {
			err = errors.Join(step(ctx, eng), eng.Close())
		}
		if err != nil {
			fmt.Println("error:", err)
		}
	}
	// Output:
	// index deleted_at: the database has nothing, the code has (deleted_at:timestamp?)
	// open the database once with store.WithMigrate() to build and drop indexes, or use the program whose schema wrote the table
	// 0 <nil>
}

// older writes what a program does whose users have no index deleted_at: the catalog
// says so, and the rows of users that are not deleted have no entry in it.
func older(ctx context.Context, eng engine.Engine) error {
	desc := *users.Desc
	desc.Indexes = desc.Indexes[:2:2]
	old, err := store.Open(ctx, eng)
	if err != nil {
		return err
	}
	if err := old.Define(ctx, &desc); err != nil {
		return err
	}
	now, err := store.Open(ctx, memory.New())
	if err != nil {
		return err
	}
	defer now.Close()
	accounts, err := users.Open(ctx, now)
	if err != nil {
		return err
	}
	if err := accounts.Insert(ctx, &users.User{UserID: "u1", Username: "alice"}); err != nil {
		return err
	}
	b := eng.NewBatch()
	it := now.Engine().Iterate(ctx, engine.Range{Start: []byte{8}}) // the first table's rows and entries
	for it.Next() {
		b.Put(it.Key(), it.Value())
	}
	return errors.Join(it.Close(), eng.Write(ctx, b, engine.WriteOptions{}))
}

func refused(ctx context.Context, eng engine.Engine) error {
	db, err := store.Open(ctx, eng)
	if err != nil {
		return err
	}
	_, err = system.Open(ctx, db)
	var wrong *store.SchemaError
	if errors.As(err, &wrong) {
		for _, d := range wrong.Differences {
			fmt.Println(d)
		}
		fmt.Println(wrong.Fix)
	}
	return nil
}

func migrated(ctx context.Context, eng engine.Engine) error {
	db, err := store.Open(ctx, eng, store.WithMigrate())
	if err != nil {
		return err
	}
	sys, err := system.Open(ctx, db)
	if err != nil {
		return err
	}
	n, err := sys.Users.ByDeletedAt.Scan().Count(ctx)
	fmt.Println(n, err)
	return nil
}
