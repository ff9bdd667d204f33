package store_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/stream"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/engine/occ"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/store"
)

// What goes over a whole table is cut into commits that the engine takes, and leaves what
// it leaves on an engine without such limits, byte for byte.
func TestWorkFollowsTheEnginesLimits(t *testing.T) {
	const rows = 700
	fillPairs := func(db *store.DB, s *store.Table[string, pairRow]) error {
		for i := 0; i < rows; i += 5 {
			var some []*pairRow
			for j := i; j < i+5; j++ {
				some = append(some, &pairRow{K: fmt.Sprintf("k%04d", j), A: fmt.Sprintf("a%04d", j%50), B: fmt.Sprint("b", j)})
			}
			if err := s.PutMany(ctx, some); err != nil {
				return err
			}
		}
		return nil
	}
	// with runs fn on a table that is filled.
	with := func(fn func(eng engine.Engine, db *store.DB, s *store.Table[string, pairRow]) error) func(engine.Engine, store.Clock) error {
		return func(eng engine.Engine, _ store.Clock) error {
			db, s, err := pairs(eng, pairDesc("pairs", "a"))
			if err == nil {
				err = fillPairs(db, s)
			}
			if err != nil {
				return err
			}
			return fn(eng, db, s)
		}
	}
	for name, run := range map[string]func(eng engine.Engine, clock store.Clock) error{
		"a delete of all": with(func(_ engine.Engine, _ *store.DB, s *store.Table[string, pairRow]) error {
			n, err := s.Scan().Delete(ctx)
			same(t, "deleted", n, rows)
			return err
		}),
		"a delete of a range": with(func(_ engine.Engine, _ *store.DB, s *store.Table[string, pairRow]) error {
			n, err := s.DeleteRange(ctx, "k0100", "k0600")
			same(t, "deleted", n, 500)
			return err
		}),
		"indexes that are built and dropped": with(func(eng engine.Engine, _ *store.DB, _ *store.Table[string, pairRow]) error {
			after := pairDesc("pairs", "b", "c", "d")
			for i := range after.Indexes { // none is as before
				after.Indexes[i].Columns = []catalog.Column{{Field: 2}, {Field: 1, Options: catalog.Options{Desc: i > 0}}}
			}
			_, _, err := pairs(eng, after, store.WithMigrate())
			return err
		}),
		"a table that is dropped": with(func(eng engine.Engine, _ *store.DB, _ *store.Table[string, pairRow]) error {
			db, err := store.Open(ctx, eng)
			if err != nil {
				return err
			}
			return db.DropTable(ctx, "pairs")
		}),
		"a sweep": func(eng engine.Engine, clock store.Clock) error {
			db, err := store.Open(ctx, eng, store.WithClock(clock))
			if err != nil {
				return err
			}
			s, err := users.Open(ctx, db) // which has indexes
			if err != nil {
				return err
			}
			for i := range rows {
				u := newUser(models.UserID(fmt.Sprintf("u%03d", i)), models.UserName(fmt.Sprint("n", i)), models.RoleUser)
				if i < 600 {
					u.DeletedAt = ptr(start)
				}
				if err := s.Insert(ctx, u); err != nil {
					return err
				}
			}
			clock.(*store.ManualClock).Advance(31 * 24 * time.Hour)
			swept, err := admin.Sweep(ctx, db, 500)
			same(t, "swept up to a limit", swept, admin.Swept{Removed: 500, More: true})
			if err == nil {
				swept, err = admin.Sweep(ctx, db, 0)
				same(t, "swept", swept, admin.Swept{Removed: 100})
			}
			return err
		},
		"places of rows that cannot be read, of a member that is dropped": func(eng engine.Engine, clock store.Clock) error {
			db, err := store.Open(ctx, eng, store.WithClock(clock))
			if err != nil {
				return err
			}
			s, err := stream.Open(ctx, db, "app", "a")
			if err != nil {
				return err
			}
			for i := range rows {
				if err := s.Insert(ctx, &stream.Row{RowID: models.RowID(fmt.Sprintf("%04d", i)), TTLSeconds: ptr(uint32(1)), InsertedAt: start}); err != nil {
					return err
				}
			}
			b := eng.NewBatch()
			b.Put(key(spaceOf(s.Handle()), 0, []byte("0003")...), []byte{0xff})
			if err := eng.Write(ctx, b, engine.WriteOptions{}); err != nil {
				return err
			}
			again, err := store.Open(ctx, eng)
			if err != nil {
				return err
			}
			return again.DropTable(ctx, "stream")
		},
		"many tables at once": func(eng engine.Engine, _ store.Clock) error {
			db, err := store.Open(ctx, eng)
			if err != nil {
				return err
			}
			var descs []*catalog.Table
			for i := range 250 {
				descs = append(descs, pairDesc(fmt.Sprintf("t%03d", i), "a"))
			}
			return db.Define(ctx, descs...)
		},
		"a backup that is restored, and then another one that is not": func(eng engine.Engine, _ store.Clock) error {
			from := filled(t, pairDesc("other", "a", "b"), 3000)
			var stream bytes.Buffer
			if err := admin.Backup(ctx, must(store.Open(ctx, from)), &stream); err != nil {
				return err
			}
			cut := bytes.NewReader(stream.Bytes()[:stream.Len()-1])
			isErr(t, admin.Restore(ctx, eng, cut), errs.ErrBackup) // and takes away what it has written
			same(t, "keys left", len(dump(eng)), 0)
			return admin.Restore(ctx, eng, &stream)
		},
	} {
		t.Run(name, func(t *testing.T) {
			small := engine.Limits{MaxKey: 1024, MaxValue: 8 << 10, MaxTxOps: 100, MaxTxBytes: 16 << 10, MaxSnapshots: 6}
			for what, limits := range map[string]engine.Limits{
				"few writes":                {MaxTxOps: 100},
				"few bytes":                 {MaxTxBytes: 8 << 10},
				"few writes and bytes":      small,
				"as many as a row may need": {MaxTxOps: 12, MaxTxBytes: 4 << 10},
			} {
				dumps := [2]map[string]string{}
				for i, l := range []engine.Limits{{}, limits} {
					eng := open{memory.NewWithOptions(occ.Options{Limits: l})}
					if err := run(eng, store.NewManualClock(start)); err != nil {
						t.Fatalf("%s: %v", what, err)
					}
					dumps[i] = dump(eng)
					for k := range dumps[i] {
						if bytes.HasPrefix([]byte(k), keys.AppendUvarint(keys.AppendUvarint(nil, 0), 6)) {
							delete(dumps[i], k) // the key of cursors is random
						}
					}
				}
				if diff := cmp.Diff(dumps[0], dumps[1]); diff != "" {
					t.Errorf("%s (-without +with):\n%s", what, diff)
				}
			}
		})
	}
}
