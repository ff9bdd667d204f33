package bench

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRecords gives every contestant of YCSB the same work, beside a map.
func TestRecords(t *testing.T) {
	for _, e := range RecordsEntries {
		t.Run(e.Name, func(t *testing.T) {
			p, err := NewRecordsPlayer(e)
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := p.Close(); err != nil {
					t.Error(err)
				}
			}()
			want := map[string]Record{}
			check := func(err error) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
			}
			var rs []*Record
			for i := range 250 {
				rs = append(rs, p.record(i))
				want[rs[i].ID] = *rs[i]
			}
			check(p.c.Load(rs[:249]))
			check(p.c.Load(rs[249:]))
			if p.c.Load(rs[3:4]) == nil {
				t.Error("a row is inserted twice")
			}
			rng := rand.New(rand.NewPCG(3, 4))
			for range 100 {
				r := p.record(rng.IntN(250))
				check(p.c.Write(r))
				want[r.ID] = *r
				id, field := recordID(rng.IntN(250)), rng.IntN(recordFields)
				check(p.c.Modify(id, field, "changed"))
				changed := want[id]
				changed.Fields[field] = "changed"
				want[id] = changed
			}
			if p.c.Modify("user0", 0, "x") == nil {
				t.Error("a row that is not there is changed")
			}
			var ids []string
			for id, r := range want {
				ids = append(ids, id)
				var got Record
				if ok, err := p.c.Read(id, &got); err != nil || !ok {
					t.Fatalf("%s: %v, %v", id, ok, err)
				}
				if diff := cmp.Diff(r, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", id, diff)
				}
			}
			if ok, err := p.c.Read("user0", new(Record)); ok || err != nil {
				t.Errorf("a row that is not there: %v, %v", ok, err)
			}
			slices.Sort(ids)
			for _, at := range []int{0, 100, 245} {
				var got []Record
				check(p.c.Scan(ids[at], 10, func(r *Record) {
					c := *r
					c.ID = strings.Clone(c.ID)
					got = append(got, c)
				}))
				var wanted []Record
				for _, id := range ids[at:min(at+10, len(ids))] {
					wanted = append(wanted, want[id])
				}
				if diff := cmp.Diff(wanted, got); diff != "" {
					t.Errorf("a scan (-want +got):\n%s", diff)
				}
			}
		})
	}
}

// TestWorkloads runs every workload once with every contestant.
func TestWorkloads(t *testing.T) {
	for _, e := range RecordsEntries {
		t.Run(e.Name, func(t *testing.T) {
			p, err := NewRecordsPlayer(e)
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			if err := p.Load(300); err != nil {
				t.Fatal(err)
			}
			for _, w := range Workloads {
				if sum := w.Read + w.Update + w.Insert + w.Scan + w.Modify; sum != 100 {
					t.Errorf("%s: the parts are %d in 100", w.Name, sum)
				}
				if err := p.Do(w, 50); err != nil {
					t.Error(err)
				}
			}
		})
	}
}
