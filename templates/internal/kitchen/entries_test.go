package kitchen

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/storegen/storegen/internal/checks"
	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/leveldb"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/templates/internal/kitchen/db/models"
	"github.com/storegen/storegen/templates/internal/kitchen/db/sink/held"
)

// heldModel is what the table held should hold.
type heldModel struct {
	rows map[held.HeldKey]held.Held
	now  time.Time
}

func (m *heldModel) live(v held.Held) bool {
	return v.Until == nil || m.now.Before(v.Until.Add(time.Hour))
}

// visible are the rows that have not expired and that a principal owns, in the order of
// their keys; for nil all.
func (m *heldModel) visible(who *access.Principal) []held.Held {
	var out []held.Held
	for _, v := range m.rows {
		if m.live(v) && (who == nil || string(v.Guest) == who.User) {
			out = append(out, v)
		}
	}
	slices.SortFunc(out, func(a, b held.Held) int {
		return cmp.Or(cmp.Compare(a.Guest, b.Guest), cmp.Compare(a.ID, b.ID))
	})
	return out
}

// taken reports whether another row has the note of v, which is to be unique.
func (m *heldModel) taken(v held.Held) bool {
	for k, other := range m.rows {
		if k != held.KeyOf(&v) && m.live(other) && v.Note != "" && other.Note == v.Note {
			return true
		}
	}
	return false
}

// entries are the entries of an index in its order: rows come in the order of their keys.
func entries[E any](rows []held.Held, of func(v held.Held) []E, order func(a, b E) int) []E {
	var out []E
	for _, v := range rows {
		out = append(out, of(v)...)
	}
	slices.SortStableFunc(out, order)
	return out
}

// collect is what an iteration shows.
func collect[E any](seq iter.Seq2[E, error]) ([]E, error) {
	var out []E
	for e, err := range seq {
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

// checkHeld compares the entries of all indexes with the rows that they are of.
func checkHeld(ctx context.Context, t *rapid.T, s *held.Store, rows []held.Held, limit int) {
	compare := func(what string, got, want any, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if diff := gocmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("%s (-want +got):\n%s", what, diff)
		}
	}
	names := entries(rows, func(v held.Held) []held.NameEntry {
		return []held.NameEntry{{Guest: v.Guest, ID: v.ID, Name: v.Name}}
	}, func(a, b held.NameEntry) int { return -cmp.Compare(a.Name, b.Name) })
	got, err := collect(s.ByName.Entries(ctx, s.ByName.Scan()))
	compare("by name", got, names, err)
	got, err = collect(s.ByName.Entries(ctx, s.ByName.NameFrom("b").Limit(limit).Reverse()))
	names = slices.DeleteFunc(names, func(e held.NameEntry) bool { return e.Name < "b" })
	slices.Reverse(names)
	if limit > 0 && len(names) > limit {
		names = names[:limit]
	}
	compare(fmt.Sprintf("by name from b on, reversed, at most %d", limit), got, slices.Clip(names[:len(names):len(names)]), err)

	ranks, err := collect(s.ByRank.Entries(ctx, s.ByRank.Scan()))
	type ranked struct {
		held.RankEntry
		folded string
	}
	var wantRanks []held.RankEntry
	for _, e := range entries(rows, func(v held.Held) []ranked {
		if v.Rank == nil {
			return nil
		}
		return []ranked{{held.RankEntry{Guest: v.Guest, ID: v.ID, Rank: *v.Rank}, keys.Fold(v.Name)}}
	}, func(a, b ranked) int { return cmp.Or(cmp.Compare(a.Rank, b.Rank), cmp.Compare(a.folded, b.folded)) }) {
		wantRanks = append(wantRanks, e.RankEntry)
	}
	compare("by rank", ranks, wantRanks, err)

	tags, err := collect(s.ByTag.Entries(ctx, s.ByTag.Scan()))
	compare("by tag", tags, entries(rows, func(v held.Held) (out []held.TagEntry) {
		for _, tag := range slices.Compact(slices.Sorted(slices.Values(v.Tags))) {
			out = append(out, held.TagEntry{Guest: v.Guest, ID: v.ID, Tags: tag, Note: v.Note})
		}
		return out
	}, func(a, b held.TagEntry) int { return cmp.Compare(a.Tags, b.Tags) }), err)

	high, err := collect(s.ByHigh.Entries(ctx, s.ByHigh.Scan()))
	compare("by high rank", high, entries(rows, func(v held.Held) []held.HighEntry {
		if v.Rank == nil || *v.Rank <= 1 {
			return nil
		}
		return []held.HighEntry{{Guest: v.Guest, ID: v.ID, Rank: *v.Rank}}
	}, func(a, b held.HighEntry) int { return -cmp.Compare(a.Rank, b.Rank) }), err)

	ones, err := collect(s.ByOne.Entries(ctx, s.ByOne.Scan()))
	slices.SortFunc(ones, func(a, b held.OneEntry) int {
		return cmp.Or(cmp.Compare(a.Guest, b.Guest), cmp.Compare(a.ID, b.ID))
	})
	oneOf := func(v held.Held) []held.OneEntry {
		return []held.OneEntry{{Guest: v.Guest, ID: v.ID, Name: v.Name, Note: v.Note, Tags: v.Tags}}
	}
	compare("by one", ones, entries(rows, oneOf, func(a, b held.OneEntry) int { return 0 }), err)
	checkHeldOnes(ctx, t, s, rows, compare)
}

// checkHeldOnes looks unique entries up: those of all rows, and some that are not there.
func checkHeldOnes(ctx context.Context, t *rapid.T, s *held.Store, rows []held.Held, compare func(what string, got, want any, err error)) {
	var columns []held.OneColumns
	var wantOnes []*held.OneEntry
	notes, wantNotes := []string{"?"}, []*held.NoteEntry{nil}
	for _, name := range []string{"a", "B", "bc"} {
		for id := range uint8(3) {
			columns = append(columns, held.OneColumns{Name: strings.ToUpper(name), ID: id})
			var want *held.OneEntry
			for _, v := range rows {
				if keys.Fold(v.Name) == keys.Fold(name) && v.ID == id {
					want = &held.OneEntry{Guest: v.Guest, ID: v.ID, Name: v.Name, Note: v.Note, Tags: v.Tags}
				}
			}
			wantOnes = append(wantOnes, want)
			got, err := s.ByOne.Entry(ctx, strings.ToLower(name), id)
			if want == nil {
				if !errors.Is(err, store.ErrNotFound) {
					t.Fatalf("an entry that is not there: %v, %v", got, err)
				}
				continue
			}
			compare("one entry", got, *want, err)
		}
	}
	for _, v := range rows {
		if v.Note != "" {
			notes, wantNotes = append(notes, v.Note), append(wantNotes, &held.NoteEntry{Guest: v.Guest, ID: v.ID, Note: v.Note, Rank: v.Rank})
		}
	}
	ones, err := s.ByOne.EntryMany(ctx, columns)
	compare("many entries", ones, wantOnes, err)
	many, err := s.ByNote.EntryMany(ctx, notes)
	compare("many entries by note", many, wantNotes, err)
	none, err := s.ByNote.EntryMany(ctx, nil)
	compare("no entries", none, []*held.NoteEntry{}, err)
}

// drawHeld is a row of few different keys and values.
func drawHeld(t *rapid.T, now time.Time) held.Held {
	v := held.Held{
		Guest: models.MyString(rapid.SampledFrom([]string{"ann", "bo"}).Draw(t, "guest")),
		ID:    rapid.Uint8Range(0, 2).Draw(t, "id"),
		Name:  rapid.SampledFrom([]string{"", "a", "A", "b", "B", "bc"}).Draw(t, "name"),
		Note:  rapid.SampledFrom([]string{"", "", "n", "o"}).Draw(t, "note"),
		Tags:  rapid.SliceOfN(rapid.SampledFrom([]string{"x", "y", ""}), 0, 3).Draw(t, "tags"),
	}
	if len(v.Tags) == 0 {
		v.Tags = nil
	}
	if rapid.Bool().Draw(t, "ranked") {
		v.Rank = new(rapid.Int32Range(-1, 3).Draw(t, "rank"))
	}
	if rapid.Bool().Draw(t, "expires") {
		v.Until = new(now.Add(time.Duration(rapid.IntRange(-61, 0).Draw(t, "minutes")) * time.Minute))
	}
	return v
}

// What entries hold is what the rows hold: for trusted code, for each owner, in views and
// in transactions that have written, whatever is written, expires and is deleted.
func TestEntriesModel(t *testing.T) {
	for name, open := range map[string]func(dir string) (engine.Engine, error){
		"memory":  func(string) (engine.Engine, error) { return memory.New(), nil },
		"leveldb": func(dir string) (engine.Engine, error) { return leveldb.Open(dir, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			if name == "leveldb" {
				checks.Few(t, 20)
			}
			rapid.Check(t, func(rt *rapid.T) { testEntriesModel(rt, must(open(t.TempDir()))) })
		})
	}
}

func testEntriesModel(t *rapid.T, eng engine.Engine) {
	ctx := context.Background()
	clock := store.NewManualClock(start)
	db := must(store.Open(ctx, eng, store.WithClock(clock), store.WithoutSync()))
	defer db.Close()
	s := must(held.Open(ctx, db))
	m := &heldModel{rows: map[held.HeldKey]held.Held{}, now: start}
	principals := []*access.Principal{nil, {Role: access.User, User: "ann"}, {Role: access.User, User: "bo"}}
	write := func(in *held.Store) error {
		v := drawHeld(t, m.now)
		if rapid.IntRange(0, 4).Draw(t, "delete") == 0 {
			delete(m.rows, held.KeyOf(&v))
			_, err := in.Delete(ctx, held.KeyOf(&v))
			return err
		}
		oneTaken := false
		for k, other := range m.rows {
			oneTaken = oneTaken || k != held.KeyOf(&v) && m.live(other) && keys.Fold(other.Name) == keys.Fold(v.Name) && other.ID == v.ID
		}
		err := in.Put(ctx, &v)
		if m.taken(v) || oneTaken {
			if !errors.Is(err, store.ErrUnique) {
				t.Fatalf("a value that is taken: %v", err)
			}
			return nil
		}
		m.rows[held.KeyOf(&v)] = v
		return err
	}
	check := func(s *held.Store) {
		limit := rapid.IntRange(0, 3).Draw(t, "limit")
		for _, who := range principals {
			in := s
			if who != nil {
				in = s.As(*who)
			}
			checkHeld(ctx, t, in, m.visible(who), limit)
		}
	}
	for range rapid.IntRange(1, 12).Draw(t, "steps") {
		switch rapid.SampledFrom([]string{"write", "write", "transaction", "later", "view"}).Draw(t, "step") {
		case "write":
			if err := write(s); err != nil {
				t.Fatal(err)
			}
		case "transaction":
			err := db.Update(ctx, func(tx *store.Tx) error {
				for range rapid.IntRange(1, 4).Draw(t, "writes") {
					if err := write(s.In(tx)); err != nil {
						return err
					}
				}
				check(s.In(tx))
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		case "view":
			err := db.View(ctx, func(tx *store.Tx) error {
				check(s.In(tx))
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		case "later":
			m.now = m.now.Add(time.Minute * time.Duration(rapid.IntRange(1, 50).Draw(t, "minutes")))
			clock.Set(m.now)
		}
		check(s)
	}
}

// What cannot be answered from the entries is refused: a filter, and a query over
// something else than the index.
func TestEntriesRefused(t *testing.T) {
	ctx := context.Background()
	db, _ := open(t)
	s := must(held.Open(ctx, db))
	if err := s.Insert(ctx, &held.Held{Guest: "ann", ID: 1, Name: "a"}); err != nil {
		t.Fatal(err)
	}
	for what, test := range map[string]struct {
		of   *held.Query
		says string
	}{
		"a filter":      {s.ByName.Scan().Filter(func(*held.Held) bool { return true }), "a filter needs whole rows"},
		"another index": {s.ByRank.Rank(1).Scan(), "give that a query over it"},
		"the key":       {s.Scan(), "asked of the index name"},
	} {
		n := 0
		for e, err := range s.ByName.Entries(ctx, test.of) {
			n++
			if e != (held.NameEntry{}) || !errors.Is(err, store.ErrInvalid) || !strings.Contains(fmt.Sprint(err), test.says) {
				t.Errorf("%s: %v, %v", what, e, err)
			}
		}
		if n != 1 {
			t.Errorf("%s: %d pairs, want one with an error", what, n)
		}
	}
}

// Entries of wrong bytes are store.ErrCorrupt, and tell other principals nothing.
func TestEntriesOfWrongBytes(t *testing.T) {
	ctx := context.Background()
	eng := memory.New()
	db := must(store.Open(ctx, eng))
	defer db.Close()
	s := must(held.Open(ctx, db))
	row := held.Held{Guest: "bo", ID: 1, Name: "secret", Note: "secret", Rank: new(int32(2)), Tags: []string{"secret"}}
	if err := s.Insert(ctx, &row); err != nil {
		t.Fatal(err)
	}
	ways := map[string]func(s *held.Store) error{
		"by tag": func(s *held.Store) error { return second(collect(s.ByTag.Entries(ctx, s.ByTag.Scan()))) },
		"by one": func(s *held.Store) error { return second(collect(s.ByOne.Entries(ctx, s.ByOne.Scan()))) },
		"one":    func(s *held.Store) error { return second(s.ByOne.Entry(ctx, "secret", 1)) },
		"note":   func(s *held.Store) error { return second(s.ByNote.Entry(ctx, "secret")) },
		"many": func(s *held.Store) error {
			return second(s.ByOne.EntryMany(ctx, []held.OneColumns{{Name: "secret", ID: 1}}))
		},
	}
	refused := map[string]bool{}
	it := eng.Iterate(ctx, engine.Range{})
	defer it.Close()
	for it.Next() {
		key, value := bytes.Clone(it.Key()), bytes.Clone(it.Value())
		if !bytes.Contains(key, []byte("secret")) {
			continue // no entry
		}
		put := func(v []byte) {
			b := eng.NewBatch()
			b.Put(key, v)
			if err := eng.Write(ctx, b, engine.WriteOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		cut := append(bytes.Clone(value), 5<<3|2, 200) // a field that is longer than the value
		garbage := [][]byte{cut, {0xff, 0xff, 0xff}, append(bytes.Clone(value), 0xff)}
		for n := 1; n < len(value); n++ {
			garbage = append(garbage, value[:n])
		}
		for _, v := range garbage {
			put(v)
			for name, do := range ways {
				switch err := do(s); {
				case errors.Is(err, store.ErrCorrupt):
					refused[name] = refused[name] || bytes.Equal(v, cut)
				case err != nil && !errors.Is(err, store.ErrNotFound):
					t.Errorf("%s of %x: %v", name, v, err)
				}
				other := s.As(access.Principal{Role: access.User, User: "ann"})
				if err := do(other); err != nil && !errors.Is(err, store.ErrNotFound) && (strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "bo")) {
					t.Errorf("%s of %x: another principal is told %v", name, v, err)
				}
			}
		}
		put(value)
	}
	for name := range ways {
		if !refused[name] {
			t.Errorf("%s: an included field that is cut short was not found", name)
		}
	}
}

func second[T any](_ T, err error) error { return err }
