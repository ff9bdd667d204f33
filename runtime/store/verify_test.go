package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/stream"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/internal/torture/inputs"
	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/store"
)

// ward is a database with two tables to be damaged.
type ward struct {
	eng    engine.Engine
	db     *store.DB
	users  *users.Store
	clicks *stream.Store
}

func newWard(t *testing.T) *ward {
	t.Helper()
	ctx := context.Background()
	w := &ward{eng: memory.New()}
	clock := store.NewManualClock(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))
	var err error
	if w.db, err = store.Open(ctx, w.eng, store.WithClock(clock)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.db.Close() })
	if w.users, err = users.Open(ctx, w.db); err != nil {
		t.Fatal(err)
	}
	if w.clicks, err = stream.Open(ctx, w.db, "app", "clicks", store.WithTTL(time.Hour)); err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		u := &users.User{UserID: models.UserID(fmt.Sprintf("u%02d", i)), Username: models.UserName(fmt.Sprintf("Name%d", i)), PasswordHash: "x"}
		if err := w.users.Insert(ctx, u); err != nil {
			t.Fatal(err)
		}
		if err := w.clicks.Insert(ctx, &stream.Row{RowID: models.RowID(fmt.Sprintf("c%02d", i))}); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// Spaces of the two tables, in the order in which they were opened: the family
// itself has one, then its member.
const (
	usersSpace  = 8
	clicksSpace = 10
)

func key(space, part uint64, rest ...byte) []byte {
	return append(keys.AppendUvarint(keys.AppendUvarint(nil, space), part), rest...)
}

func (w *ward) put(t *testing.T, k, v []byte) {
	t.Helper()
	b := w.eng.NewBatch()
	if v == nil {
		b.Delete(k)
	} else {
		b.Put(k, v)
	}
	if err := w.eng.Write(context.Background(), b, engine.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
}

func (w *ward) get(t *testing.T, k []byte) []byte {
	t.Helper()
	v, err := w.eng.Get(context.Background(), k)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// A unique entry whose row is not there is damage, and not a value that nobody has.
func TestUniqueEntryWithoutARow(t *testing.T) {
	w := newWard(t)
	w.put(t, key(usersSpace, 0, []byte("u03")...), nil)
	for name, in := range map[string]func(fn func(s *users.Store) error) error{
		"at once": func(fn func(s *users.Store) error) error { return fn(w.users) },
		"in a view": func(fn func(s *users.Store) error) error {
			return w.db.View(ctx, func(tx *store.Tx) error { return fn(w.users.In(tx)) })
		},
		"in a transaction": func(fn func(s *users.Store) error) error {
			return w.db.Update(ctx, func(tx *store.Tx) error { return fn(w.users.In(tx)) })
		},
	} {
		err := in(func(s *users.Store) error { return second(s.ByUsername.Get(ctx, "Name3")) })
		if !errors.Is(err, store.ErrCorrupt) || errors.Is(err, store.ErrNotFound) || !strings.Contains(fmt.Sprint(err), "u03") {
			t.Errorf("%s: %v", name, err)
		}
		err = in(func(s *users.Store) error { return second(s.ByUsername.Get(ctx, "nobody")) })
		if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s, of nobody: %v", name, err)
		}
	}
}

func TestVerifyCounts(t *testing.T) {
	w := newWard(t)
	got, err := admin.Verify(context.Background(), w.db, admin.VerifyOptions{})
	if err != nil {
		t.Fatal(err)
	}
	// 20 users with two entries each; 20 clicks with a place each.
	if diff := cmp.Diff(admin.Verified{Rows: 40, Entries: 60}, got); diff != "" {
		t.Error(diff)
	}
}

func TestBackup(t *testing.T) {
	ctx := context.Background()
	w := newWard(t)
	var stream bytes.Buffer
	if err := admin.Backup(ctx, w.db, &stream); err != nil {
		t.Fatal(err)
	}
	target := memory.New()
	if err := admin.Restore(ctx, target, bytes.NewReader(stream.Bytes())); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(ctx, target, store.WithClock(w.db.Clock()))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	st, err := users.Open(ctx, db)
	if err != nil {
		t.Fatal(err)
	}
	want, err := w.users.Scan().Rows(ctx)
	if err != nil {
		t.Fatal(err)
	}
	got, err := st.Scan().Rows(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if err := admin.Restore(ctx, target, bytes.NewReader(stream.Bytes())); !errors.Is(err, engine.ErrInvalid) {
		t.Errorf("restoring into an engine that holds keys: %v", err)
	}
}

// A backup that an error of the engine ends is an error, and nothing that Restore takes.
func TestBackupOfFailingEngine(t *testing.T) {
	w := newWard(t)
	eng := newSpy(w.eng)
	db, err := store.Open(ctx, eng, store.WithClock(w.db.Clock()))
	if err != nil {
		t.Fatal(err)
	}
	for _, pairs := range []int64{1, 2, 50, 100} {
		var stream bytes.Buffer
		eng.failNext.Store(pairs)
		err := admin.Backup(ctx, db, &stream)
		eng.failNext.Store(0)
		isErr(t, err, errSpy)
		isErr(t, admin.Restore(ctx, memory.New(), &stream), errs.ErrBackup)
	}
}

// dying is an engine that takes no writes any more once it has taken so many.
type dying struct {
	engine.Engine
	writes int
}

func (d *dying) Write(ctx context.Context, b engine.Batch, o engine.WriteOptions) error {
	if d.writes--; d.writes < 0 {
		return errSpy
	}
	return d.Engine.Write(ctx, b, o)
}

// What a restore leaves that the end of its process has cut off is no database.
func TestRestoreCutOff(t *testing.T) {
	w := newWard(t)
	for i := range 30 {
		u := &users.User{UserID: models.UserID(fmt.Sprintf("v%02d", i)), Username: models.UserName(fmt.Sprintf("long%d", i)), PasswordHash: strings.Repeat("x", 10000)}
		if err := w.users.Insert(ctx, u); err != nil {
			t.Fatal(err)
		}
	}
	var stream bytes.Buffer
	if err := admin.Backup(ctx, w.db, &stream); err != nil {
		t.Fatal(err)
	}
	whole := dump(w.eng)
	done := false
	for writes := 1; !done; writes++ {
		left := memory.New()
		err := admin.Restore(ctx, &dying{left, writes}, bytes.NewReader(stream.Bytes()))
		if done = err == nil; done {
			same(t, "the whole", dump(left), whole)
			if writes < 4 {
				t.Errorf("%d writes are enough: the test wants several", writes)
			}
			continue
		}
		if db, err := store.Open(ctx, left); err == nil {
			t.Errorf("after %d writes it opens, with %d keys of %d", writes, len(dump(left)), len(whole))
			db.Close()
		}
	}
}

// TestRestoreRefuses cuts and alters a backup at every place.
func TestRestoreRefuses(t *testing.T) {
	ctx := context.Background()
	w := newWard(t)
	var stream bytes.Buffer
	if err := admin.Backup(ctx, w.db, &stream); err != nil {
		t.Fatal(err)
	}
	whole := stream.Bytes()
	refuse := func(name string, b []byte) {
		t.Helper()
		target := memory.New()
		defer target.Close()
		if err := admin.Restore(ctx, target, bytes.NewReader(b)); !errors.Is(err, errs.ErrBackup) {
			t.Errorf("%s: %v, want ErrBackup", name, err)
		}
		it := target.Iterate(ctx, engine.Range{})
		defer it.Close()
		if it.Next() {
			t.Errorf("%s: the engine is not empty", name)
		}
	}
	for i := 0; i < len(whole); i += 97 {
		refuse(fmt.Sprintf("cut at %d", i), whole[:i])
		altered := bytes.Clone(whole)
		altered[i] ^= 0x10
		refuse(fmt.Sprintf("altered at %d", i), altered)
	}
	refuse("longer", append(bytes.Clone(whole), 0))
}

func FuzzRestore(tf *testing.F) {
	f := inputs.New(tf)
	f.Add([]byte("storegen backup\x01\x00\x00\x00\x00"))
	f.Add([]byte{})
	var stream bytes.Buffer
	if err := admin.Backup(context.Background(), newGarbage(f).db, &stream); err != nil {
		f.Fatal(err)
	}
	f.Add(stream.Bytes())
	target := memory.New() // refused streams leave it empty
	f.Cleanup(func() { target.Close() })
	f.Fuzz(func(t *testing.T, b []byte) {
		ctx := context.Background()
		if err := admin.Restore(ctx, target, bytes.NewReader(b)); err == nil {
			target.Close()
			target = memory.New()
			return
		}
		it := target.Iterate(ctx, engine.Range{})
		defer it.Close()
		if it.Next() {
			t.Error("a refused backup left keys behind")
		}
	})
}

// holed is an engine that cannot read a key, nor go on behind it.
type holed struct {
	engine.Engine
	hole []byte
}

func (h holed) Snapshot(ctx context.Context) (engine.Snapshot, error) {
	snap, err := h.Engine.Snapshot(ctx)
	return holedSnapshot{snap, h}, err
}

type holedSnapshot struct {
	engine.Snapshot
	h holed
}

func (s holedSnapshot) Get(ctx context.Context, key []byte) ([]byte, error) {
	if bytes.Equal(key, s.h.hole) {
		return nil, fmt.Errorf("%w: a block", engine.ErrCorrupt)
	}
	return s.Snapshot.Get(ctx, key)
}

func (s holedSnapshot) Iterate(ctx context.Context, r engine.Range) engine.Iterator {
	return &holedIterator{Iterator: s.Snapshot.Iterate(ctx, r), hole: s.h.hole}
}

type holedIterator struct {
	engine.Iterator
	hole []byte
	err  error
}

func (it *holedIterator) Next() bool {
	if it.err != nil || !it.Iterator.Next() {
		return false
	}
	if bytes.Equal(it.Key(), it.hole) {
		it.err = fmt.Errorf("%w: a block", engine.ErrCorrupt)
	}
	return it.err == nil
}

func (it *holedIterator) Close() error { return errors.Join(it.Iterator.Close(), it.err) }

// What the engine cannot read is told, once, and all else is verified and repaired.
func TestRepairGoesOnBehindWhatCannotBeRead(t *testing.T) {
	for name, hole := range map[string][]byte{
		"a row":    key(usersSpace, 0, []byte("u03")...),
		"an entry": keys.AppendString(key(usersSpace, 1), "name3"),
	} {
		t.Run(name, func(t *testing.T) {
			w := newWard(t)
			before := dump(w.eng)
			db := must(store.Open(ctx, holed{w.eng, hole}, store.WithClock(w.db.Clock())))
			must(users.Open(ctx, db))
			must(stream.Open(ctx, db, "app", "clicks", store.WithTTL(time.Hour)))
			w.put(t, append(keys.AppendUvarint(key(usersSpace, 2), 1), "u01"...), nil)
			w.put(t, append(keys.AppendUvarint(key(usersSpace, 2), 1), "u09"...), nil)
			w.put(t, keys.AppendString(key(usersSpace, 1), "name12"), []byte{1, 200})
			place := append(keys.AppendTime([]byte{1}, w.db.Now().Add(time.Hour)), clicksSpace)
			w.put(t, append(place, "c07"...), nil)
			unread := 0
			repaired, err := admin.Repair(ctx, db, admin.VerifyOptions{Found: func(f admin.Finding) {
				if f.Fault == admin.FaultUnread {
					unread++
				}
			}})
			if err != nil {
				t.Fatal(err)
			}
			if unread == 0 || unread > 2 || len(repaired.Left) != unread {
				t.Errorf("%d are unreadable, left: %v", unread, repaired.Left)
			}
			// Behind a row that cannot be read, those after it are not known.
			if name == "an entry" {
				same(t, "database", dump(w.eng), before)
				return
			}
			after := dump(w.eng)
			for k := range before {
				if _, ok := after[k]; !ok && !bytes.Contains([]byte(k), []byte("u09")) && !bytes.Contains([]byte(k), []byte("name12")) {
					t.Errorf("%q is gone", k)
				}
			}
		})
	}
}
