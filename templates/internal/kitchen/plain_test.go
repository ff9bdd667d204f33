package kitchen

import (
	"context"
	"fmt"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/leveldb"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/templates/internal/kitchen/db/models"
	"github.com/storegen/storegen/templates/internal/kitchen/db/sink/plain"
	"github.com/storegen/storegen/templates/internal/kitchen/db/sink/rooms"
)

// What was read may be kept, whatever is read afterwards: a walk whose entries, keys or rows
// point nowhere uses its memory again, and no other one does.
func TestWhatIsReadMayBeKept(t *testing.T) {
	for name, eng := range map[string]engine.Engine{
		"memory": memory.New(), "leveldb": must(leveldb.Open(t.TempDir(), nil)),
	} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			db := must(store.Open(ctx, eng, store.WithoutSync()))
			defer db.Close()
			s := must(plain.Open(ctx, db))
			const n = 700 // some batches
			var rows []*plain.Row
			for i := range n {
				rows = append(rows, &plain.Row{ID: uint64(i), N: int32(i / 3), Name: fmt.Sprintf("name %03d", i), Nums: []int64{int64(-i), int64(n + i)}})
			}
			if err := s.InsertMany(ctx, rows); err != nil {
				t.Fatal(err)
			}
			var want, got [6]any
			var (
				byN   []plain.NEntry
				nums  []plain.NumsEntry
				names []plain.NameEntry
				named []plain.NamedEntry
				keys  []uint64
			)
			for _, r := range rows {
				byN = append(byN, plain.NEntry{ID: r.ID, N: r.N})
				names = append(names, plain.NameEntry{ID: r.ID, Name: r.Name})
				named = append(named, plain.NamedEntry{ID: r.ID, N: r.N, Name: r.Name})
				for _, x := range r.Nums {
					nums = append(nums, plain.NumsEntry{ID: r.ID, Nums: x, N: r.N})
				}
				keys = append(keys, r.ID)
			}
			slices.SortStableFunc(named, func(a, b plain.NamedEntry) int { return int(b.N - a.N) })
			slices.SortFunc(nums, func(a, b plain.NumsEntry) int { return int(b.Nums - a.Nums) })
			want = [6]any{byN, nums, names, named, keys, keys}
			for range 2 { // memory that was used again is used again
				got = [6]any{
					must(collect(s.ByN.Entries(ctx, s.ByN.Scan()))),
					must(collect(s.ByNums.Entries(ctx, s.ByNums.Scan()))),
					must(collect(s.ByName.Entries(ctx, s.ByName.Scan()))),
					must(collect(s.ByNamed.Entries(ctx, s.ByNamed.Scan()))),
					must(collect(s.ByN.Scan().Keys(ctx))),
					must(collect(s.ByName.Scan().Keys(ctx))),
				}
			}
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%.2000s", diff)
			}
		})
	}
}

// Whose entries they are counts where columns are all as long too.
func TestEntriesOfFixedColumnsAreOwned(t *testing.T) {
	ctx := context.Background()
	db := must(store.Open(ctx, memory.New()))
	defer db.Close()
	s := must(rooms.Open(ctx, db))
	room := func(number uint32) models.RoomID {
		return models.RoomID{Place: models.Place{Colour: models.ColourRed}, Raw: "r", Number: number}
	}
	for _, r := range []rooms.Row{{Guest: "ann", Room: room(1), Price: 7}, {Guest: "bo", Room: room(1), Price: 7}, {Guest: "bo", Room: room(2), Price: 8}} {
		if err := s.Insert(ctx, &r); err != nil {
			t.Fatal(err)
		}
	}
	in := s.As(access.Principal{Role: access.User, User: "bo"})
	got := must(collect(in.ByPrice.Entries(ctx, in.ByPrice.Scan())))
	want := []rooms.PriceEntry{{Guest: "bo", Room: room(1), Price: 7}, {Guest: "bo", Room: room(2), Price: 8}}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
