package store_test

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/leveldb"
	"github.com/storegen/storegen/runtime/store"
)

// fiveIndexes is a table each of whose rows has five entries.
func fiveIndexes() *catalog.Table {
	d := pairDesc("pairs", "a", "b", "c", "d", "e")
	for i := range d.Indexes {
		d.Indexes[i].Columns[0].Field = 1 + i%2
	}
	return d
}

// What is whole is verified without looking anything up.
func TestVerifyReadsInOrder(t *testing.T) {
	eng := newSpy(filled(t, fiveIndexes(), 3000))
	db, _, err := pairs(eng, fiveIndexes())
	if err != nil {
		t.Fatal(err)
	}
	eng.reads()
	same(t, "verified", must(admin.Verify(ctx, db, admin.VerifyOptions{})), admin.Verified{Rows: 3000, Entries: 15000})
	gets, pairs := eng.reads()
	if gets != 0 || pairs > 18100 {
		t.Errorf("%d keys were looked up, and %d pairs read", gets, pairs)
	}
	// One that is wrong costs a few.
	b := eng.NewBatch()
	b.Put([]byte("\x08\x03zz\x00\x01k0001"), []byte{1})
	if err := eng.Write(ctx, b, engine.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	same(t, "findings", must(admin.Verify(ctx, db, admin.VerifyOptions{})).Findings, 1)
	if gets, _ := eng.reads(); gets > 10 {
		t.Errorf("%d keys were looked up", gets)
	}
}

// Verify finds what looking up each entry and each row finds, whatever is wrong.
func TestVerifyFindsWhatLookupsFind(t *testing.T) {
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 1))
		w := newWard(t)
		damage(t, rng, w)
		var got []string
		if _, err := admin.Verify(ctx, w.db, admin.VerifyOptions{Found: func(f admin.Finding) { got = append(got, f.String()) }}); err != nil {
			t.Fatal(err)
		}
		var want []string
		if _, err := admin.Verify(ctx, w.db, admin.VerifyOptions{Lookups: true, Found: func(f admin.Finding) { want = append(want, f.String()) }}); err != nil {
			t.Fatal(err)
		}
		for _, l := range [][]string{got, want} {
			slices.Sort(l)
			for i := range l { // what is wrong with a row is told in full once
				l[i], _, _ = strings.Cut(l[i], ": corrupt")
			}
		}
		if len(want) == 0 {
			t.Errorf("seed %d: nothing is wrong", seed)
		}
		same(t, fmt.Sprint("seed ", seed), got, want)
	}
}

// damage changes pairs beside the catalog.
func damage(t *testing.T, rng *rand.Rand, w *ward) {
	var all [][2][]byte
	it := w.eng.Iterate(ctx, engine.Range{Start: []byte{1}})
	for it.Next() {
		all = append(all, [2][]byte{bytes.Clone(it.Key()), bytes.Clone(it.Value())})
	}
	if err := it.Close(); err != nil {
		t.Fatal(err)
	}
	one := func() [2][]byte { return all[rng.IntN(len(all))] }
	flip := func(b []byte) []byte {
		b = bytes.Clone(b)
		b[rng.IntN(len(b))] ^= 1 << rng.IntN(8)
		return b
	}
	for range 1 + rng.IntN(12) {
		a, b := one(), one()
		switch rng.IntN(6) {
		case 0:
			w.put(t, a[0], nil)
		case 1:
			w.put(t, a[0], flip(a[1]))
		case 2:
			w.put(t, append(bytes.Clone(a[0][:1]), flip(a[0][1:])...), a[1])
		case 3: // each has the other's value
			w.put(t, a[0], b[1])
			w.put(t, b[0], a[1])
		case 4:
			w.put(t, append(bytes.Clone(a[0]), 'x'), a[1])
		case 5:
			w.put(t, a[0][:len(a[0])-1], a[1])
		}
	}
}

var (
	verifyRows  = flag.Int("verifyrows", 20_000, "how many rows BenchmarkVerifyBesideScan has")
	verifyTimes = flag.Float64("verifytimes", 0, "fail where verifying takes more than so many times as long as a scan; 0 is no bound")
)

// BenchmarkVerifyBesideScan verifies rows of about 120 bytes with five entries each, beside
// a scan of them: the shortest times of each count, as others may use the machine too.
func BenchmarkVerifyBesideScan(b *testing.B) {
	desc := fiveIndexes()
	for i := range desc.Indexes {
		desc.Indexes[i].Columns[0].Field = 1
	}
	eng := must(leveldb.Open(b.TempDir(), nil))
	db, s, err := pairs(eng, desc, store.WithoutSync())
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	rng := rand.New(rand.NewPCG(1, 2))
	for i := 0; i < *verifyRows; {
		rows := make([]*pairRow, min(1000, *verifyRows-i))
		for j := range rows {
			rows[j] = &pairRow{K: fmt.Sprintf("k%09d", i), A: fmt.Sprintf("%08x", rng.Uint32()), B: fmt.Sprintf("%0100x", rng.Uint64())}
			i++
		}
		if err := s.InsertMany(ctx, rows); err != nil {
			b.Fatal(err)
		}
	}
	scan, verify := time.Hour, time.Hour
	for b.Loop() {
		began := time.Now()
		n := 0
		for _, err := range s.Scan().All(ctx) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		scan = min(scan, time.Since(began))
		began = time.Now()
		v, err := admin.Verify(ctx, db, admin.VerifyOptions{})
		verify = min(verify, time.Since(began))
		if err != nil || n != *verifyRows || v != (admin.Verified{Rows: n, Entries: 5 * n}) {
			b.Fatalf("%d rows, verified: %+v, %v", n, v, err)
		}
	}
	times := verify.Seconds() / scan.Seconds()
	b.ReportMetric(scan.Seconds(), "scan-s")
	b.ReportMetric(verify.Seconds(), "verify-s")
	b.ReportMetric(times, "verify/scan")
	if *verifyTimes > 0 && times > *verifyTimes {
		b.Errorf("verifying takes %.1f times as long as a scan", times)
	}
}
