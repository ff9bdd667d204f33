package owned

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/leveldb"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/rawstore"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/store/storetest"
	"github.com/storegen/storegen/templates/internal/owned/db/letters"
	"github.com/storegen/storegen/templates/internal/owned/model"
	"github.com/storegen/storegen/templates/internal/owned/plain"
)

// eachLetters runs a test over each engine.
func eachLetters(t *testing.T, test func(t *testing.T, s *letters.Store, clock *store.ManualClock)) {
	for name, open := range map[string]func(t *testing.T) engine.Engine{
		"memory":  func(*testing.T) engine.Engine { return memory.New() },
		"leveldb": func(t *testing.T) engine.Engine { return must(leveldb.Open(t.TempDir(), nil)) },
	} {
		t.Run(name, func(t *testing.T) {
			clock := store.NewManualClock(storetest.Start)
			db := must(store.Open(t.Context(), open(t), store.WithClock(clock)))
			t.Cleanup(func() { db.Close() })
			test(t, must(letters.Open(t.Context(), db)), clock)
			if _, err := admin.Verify(t.Context(), db, admin.VerifyOptions{Found: func(f admin.Finding) { t.Error(f) }}); err != nil {
				t.Error(err)
			}
		})
	}
}

func letter(n int, from plain.Name, to string, pages ...string) *letters.Letter {
	return &letters.Letter{Letter: model.NewLetter(n, from, &to, storetest.Start, pages...)}
}

// bytesOf is a letter as it is stored.
func bytesOf(l *model.Letter) string { return string(must(l.MarshalBinary())) }

// What is stored is what MarshalBinary writes; keys, indexes and expiry are of what the
// methods and functions give.
func TestLetters(t *testing.T) {
	eachLetters(t, func(t *testing.T, s *letters.Store, clock *store.ManualClock) {
		ctx := t.Context()
		want := letter(7, "ann", "bo", "first", "second")
		if err := s.Insert(ctx, want); err != nil {
			t.Fatal(err)
		}
		key := letters.LetterKey{From: "ann", Number: 7}
		stored := must(rawstore.Of(s.Handle()).Get(ctx, keys.AppendInt64(keys.AppendString(nil, "ann"), 7)))
		if string(stored) != bytesOf(want.Letter) {
			t.Errorf("stored as %s, want %s", stored, bytesOf(want.Letter))
		}
		for what, find := range map[string]func() (letters.Letter, error){
			"key":  func() (letters.Letter, error) { return s.Get(ctx, key) },
			"to":   func() (letters.Letter, error) { return s.ByTo.To("bo").SentFrom(storetest.Start).First(ctx) },
			"page": func() (letters.Letter, error) { return s.ByPage.Pages("second").First(ctx) },
			"hash": func() (letters.Letter, error) { return s.ByHash.Get(ctx, plain.Hash{7}) },
			"scan": func() (letters.Letter, error) { return s.ByKey.From("ann").Scan().First(ctx) },
		} {
			if got := must(find()); bytesOf(got.Letter) != bytesOf(want.Letter) {
				t.Errorf("by %s: %s", what, bytesOf(got.Letter))
			}
		}
		for e, err := range s.ByTo.Entries(ctx, s.ByTo.To("bo").Scan()) {
			if err != nil || e.Hash != (plain.Hash{7}) || e.Number != 7 || !e.Sent.Equal(storetest.Start) {
				t.Errorf("an entry: %+v, %v", e, err)
			}
		}
		for k, err := range s.ByKey.Scan().Keys(ctx) {
			if err != nil || k != key {
				t.Errorf("%v, %v", k, err)
			}
		}
		before := must(s.Get(ctx, key))
		if err := s.Update(ctx, key, func(v *letters.Letter) error { v.SetTo("cy"); return nil }); err != nil {
			t.Fatal(err)
		}
		if *before.To() != "bo" || must(s.ByTo.To("cy").Scan().Count(ctx)) != 1 || must(s.ByTo.To("bo").Scan().Count(ctx)) != 0 {
			t.Error("the update is not in the index, or in what was read before")
		}
		clock.Advance(2 * time.Hour)
		if _, err := s.Get(ctx, key); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("an hour later: %v", err)
		}
	})
}

func TestLettersRefused(t *testing.T) {
	eachLetters(t, func(t *testing.T, s *letters.Store, _ *store.ManualClock) {
		ctx := t.Context()
		for what, row := range map[string]*letters.Letter{
			"no value": {}, "a value that cannot be written": letter(1, "nobody", "x"), "a check": letter(1000, "ann", "x"), "a limit": letter(1, "a name of more than 20 bytes", "x"),
		} {
			if err := s.Put(ctx, row); !errors.Is(err, store.ErrInvalid) {
				t.Errorf("%s: %v", what, err)
			}
		}
		if err := s.Insert(ctx, letter(1, "ann", "x")); err != nil {
			t.Fatal(err)
		}
		if err := s.Put(ctx, letter(1, "bo", "x")); !errors.Is(err, store.ErrUnique) {
			t.Errorf("the same hash: %v", err)
		}
		key := keys.AppendInt64(keys.AppendString(nil, "ann"), 1)
		for what, value := range map[string][]byte{"no value": []byte("x"), "another key": []byte(bytesOf(letter(2, "ann", "x").Letter))} {
			err := rawstore.Of(s.Handle()).Update(ctx, key, func([]byte) ([]byte, error) { return value, nil })
			if !errors.Is(err, store.ErrInvalid) {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}

// Providers show the columns, and write none.
func TestLettersProvided(t *testing.T) {
	eachLetters(t, func(t *testing.T, s *letters.Store, _ *store.ManualClock) {
		ctx := t.Context()
		for i := range 3 {
			if err := s.Put(ctx, letter(i, "ann", fmt.Sprint("to", i), "p")); err != nil {
				t.Fatal(err)
			}
		}
		p := provider.Of(s.Handle()).(provider.Mutable)
		def := p.Def()
		var got []string
		var key []byte
		c := must(p.Scan(ctx, &provider.ScanRequest{Columns: def.All()}))
		for c.Next() {
			text := ""
			for i := range def.Columns {
				text += def.Columns[i].Name + "=" + c.Value(i).JSON() + " "
			}
			got, key = append(got, text), bytes.Clone(c.Key())
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		equal(t, "the rows", got[2], `number=2 from="ann" to="to2" sent="2026-01-01T00:00:00Z" hash="0x0200000000000000000000000000000000000000" `)
		if err := p.Update(ctx, provider.Scope{}, key, []provider.Assignment{{Column: def.ColumnNamed("to"), Value: provider.String("x")}}); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("update: %v", err)
		}
		if there, err := p.Delete(ctx, provider.Scope{}, key); err != nil || !there {
			t.Errorf("delete: %v, %v", there, err)
		}
		if n := must(s.ByPage.Pages("p").Count(ctx)); n != 1 {
			t.Errorf("%d entries are left, want that of number 1", n)
		}
	})
}

// Rows that come and go agree with a map of them, and their entries with them.
func TestRandomLetters(t *testing.T) {
	eachLetters(t, func(t *testing.T, s *letters.Store, _ *store.ManualClock) {
		ctx, rng, want := context.Background(), rand.New(rand.NewPCG(7, 8)), map[letters.LetterKey]string{}
		for range 300 {
			row := letter(rng.IntN(8), plain.Name([]string{"ann", "bo"}[rng.IntN(2)]), fmt.Sprint(rng.IntN(3)), fmt.Sprint(rng.IntN(3)), "p")
			key := letters.KeyOf(row)
			if rng.IntN(3) == 0 {
				if _, err := s.Delete(ctx, key); err != nil {
					t.Fatal(err)
				}
				delete(want, key)
				continue
			}
			if err := s.Put(ctx, row); errors.Is(err, store.ErrUnique) {
				continue
			} else if err != nil {
				t.Fatal(err)
			}
			want[key] = bytesOf(row.Letter)
		}
		got := map[letters.LetterKey]string{}
		for v, err := range s.ScanAll(ctx) {
			if err != nil {
				t.Fatal(err)
			}
			got[letters.KeyOf(&v)] = bytesOf(v.Letter)
		}
		equal(t, "the rows", got, want)
	})
}
