package messages

import (
	"bytes"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/leveldb"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/rawstore"
	"github.com/storegen/storegen/runtime/record"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/store/storetest"
	"github.com/storegen/storegen/templates/internal/messages/db/events"
	"github.com/storegen/storegen/templates/internal/messages/db/invoices"
	"github.com/storegen/storegen/templates/internal/messages/db/models"
	"github.com/storegen/storegen/templates/internal/messages/pb"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// tables are both tables over one database.
type tables struct {
	db       *store.DB
	engine   engine.Engine
	clock    *store.ManualClock
	invoices *invoices.Store
	events   *events.Store
}

// each runs a test over each engine.
func each(t *testing.T, test func(t *testing.T, in *tables)) {
	for name, open := range map[string]func(t *testing.T) engine.Engine{
		"memory":  func(*testing.T) engine.Engine { return memory.New() },
		"leveldb": func(t *testing.T) engine.Engine { return must(leveldb.Open(t.TempDir(), nil)) },
	} {
		t.Run(name, func(t *testing.T) {
			e, clock := open(t), store.NewManualClock(storetest.Start)
			db := must(store.Open(t.Context(), e, store.WithClock(clock)))
			t.Cleanup(func() { db.Close() })
			test(t, &tables{db, e, clock, must(invoices.Open(t.Context(), db)), must(events.Open(t.Context(), db))})
		})
	}
}

// sound fails where rows and entries do not agree.
func (in *tables) sound(t *testing.T) {
	t.Helper()
	if _, err := admin.Verify(t.Context(), in.db, admin.VerifyOptions{Found: func(f admin.Finding) { t.Error(f) }}); err != nil {
		t.Error(err)
	}
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// whole is a message with something in every field, and in one that the program does not
// know.
func whole() *pb.Invoice {
	m := &pb.Invoice{
		Hash: []byte{0, 1, 0xff}, CustomerId: "ann", Total: 1 << 40, Balance: -5, Lines: -7, Pages: math.MaxUint32, Views: math.MaxUint64, Paid: true,
		Rate: -0.25, Nonce: 1<<63 + 1, Delta: math.MinInt32, State: pb.State_STATE_CLOSED, CreatedAt: timestamppb.New(storetest.Start.Add(-time.Second)),
		ExpiresAt: timestamppb.New(storetest.Start), Tags: []string{"a", "b", "a"}, Amounts: []int64{-1, 0, 1 << 50}, Past: []pb.State{1, 0, 77},
		Note: proto.String("note"), Rank: proto.Int32(-3), Counts: map[string]int64{"x": 1}, Address: &pb.Address{Street: "High"}, Former: []*pb.Address{{}, {Street: "Low"}},
		Pay: &pb.Invoice_Cash{Cash: 0}, Marks: []uint32{1, 2}, Rooms: []uint32{5, 300}, Far: "away",
	}
	m.ProtoReflect().SetUnknown(protowire.AppendString(protowire.AppendTag(nil, 500, protowire.BytesType), "unknown"))
	return m
}

func row(m *pb.Invoice) *invoices.Invoice { return &invoices.Invoice{Invoice: m} }

// What is stored is what proto.Marshal writes, and comes back with all that the message
// has, by its key and by every index.
func TestMessage(t *testing.T) {
	each(t, func(t *testing.T, in *tables) {
		ctx := t.Context()
		if err := in.invoices.Insert(ctx, row(whole())); err != nil {
			t.Fatal(err)
		}
		key := models.Hash("\x00\x01\xff")
		stored := must(rawstore.Of(in.invoices.Handle()).Get(ctx, key.AppendKey(nil)))
		if want := must(proto.Marshal(whole())); !bytes.Equal(stored, want) {
			t.Errorf("stored as\n%x\nwant\n%x", stored, want)
		}
		got := must(in.invoices.Get(ctx, key))
		equal(t, "by its key", got.Invoice, whole())
		for what, find := range map[string]func() (invoices.Invoice, error){
			"customer": func() (invoices.Invoice, error) {
				return in.invoices.ByCustomer.CustomerID("ann").Total(1 << 40).First(ctx)
			},
			"state": func() (invoices.Invoice, error) {
				return in.invoices.ByState.State(pb.State_STATE_CLOSED).CreatedBefore(storetest.Start).First(ctx)
			},
			"tag":    func() (invoices.Invoice, error) { return in.invoices.ByTag.Tags("b").First(ctx) },
			"amount": func() (invoices.Invoice, error) { return in.invoices.ByAmount.AmountsBefore(0).First(ctx) },
			"nonce":  func() (invoices.Invoice, error) { return in.invoices.ByNonce.Get(ctx, 1<<63+1, math.MinInt32) },
			"far":    func() (invoices.Invoice, error) { return in.invoices.ByFar.Far("away").Rank(-3).First(ctx) },
		} {
			equal(t, "by "+what, must(find()).Invoice, whole())
		}
		entries := 0
		for e, err := range in.invoices.ByNumbers.Entries(ctx, in.invoices.ByNumbers.Balance(-5).Lines(-7).Pages(math.MaxUint32).Views(math.MaxUint64)) {
			if err != nil {
				t.Fatal(err)
			}
			entries++
			want := invoices.NumbersEntry{Hash: key, Balance: -5, Lines: -7, Pages: math.MaxUint32, Views: math.MaxUint64, Nonce: 1<<63 + 1, Delta: math.MinInt32, Rate: -0.25,
				Paid: true, Note: new("note"), Rank: new(int32(-3)), Past: []pb.State{1, 0, 77}, Rooms: []uint32{5, 300}, Amounts: []int64{-1, 0, 1 << 50},
				CreatedAt: new(storetest.Start.Add(-time.Second)), Total: 1 << 40}
			equal(t, "an entry", e, want)
		}
		for k, err := range in.invoices.ByTag.Scan().Keys(ctx) {
			if err != nil || k != key {
				t.Errorf("%v, %v", k, err)
			}
			entries++
		}
		if entries != 3 {
			t.Errorf("%d entries, want 3", entries)
		}
		in.sound(t)
		in.clock.Advance(2 * time.Hour)
		if _, err := in.invoices.Get(ctx, key); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("an hour later: %v", err)
		}
	})
}

// An update changes the message, which no row that was read before shares.
func TestUpdate(t *testing.T) {
	each(t, func(t *testing.T, in *tables) {
		ctx := t.Context()
		if err := in.invoices.Put(ctx, row(whole())); err != nil {
			t.Fatal(err)
		}
		key := invoices.KeyOf(row(whole()))
		before := must(in.invoices.Get(ctx, key))
		err := in.invoices.Update(ctx, key, func(v *invoices.Invoice) error {
			v.Tags, v.Nonce, v.Total = []string{"c"}, 0, 1
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "what was read before", before.Invoice, whole())
		want := whole()
		want.Tags, want.Nonce, want.Total = []string{"c"}, 0, 1
		equal(t, "afterwards", must(in.invoices.ByTag.Tags("c").First(ctx)).Invoice, want)
		in.sound(t)
		err = in.invoices.Update(ctx, key, func(v *invoices.Invoice) error {
			v.Hash = []byte("other")
			return nil
		})
		if !errors.Is(err, store.ErrInvalid) {
			t.Errorf("another key: %v", err)
		}
		err = in.invoices.Update(ctx, key, func(v *invoices.Invoice) error {
			v.Invoice = nil
			return nil
		})
		if !errors.Is(err, store.ErrInvalid) {
			t.Errorf("no message: %v", err)
		}
		if _, err := in.invoices.Delete(ctx, key); err != nil {
			t.Fatal(err)
		}
		in.sound(t)
		if n := must(in.invoices.ByTag.Scan().Count(ctx)); n != 0 {
			t.Errorf("%d entries are left", n)
		}
	})
}

// Defaults are set in the message, where it has no value.
func TestDefaults(t *testing.T) {
	each(t, func(t *testing.T, in *tables) {
		m := &pb.Invoice{Hash: []byte("h")}
		if err := in.invoices.Insert(t.Context(), row(m)); err != nil {
			t.Fatal(err)
		}
		want := &pb.Invoice{Hash: []byte("h"), State: pb.State_STATE_OPEN, Rank: proto.Int32(7), Rate: 0.5, CreatedAt: timestamppb.New(storetest.Start)}
		equal(t, "the message", m, want)
		equal(t, "the row", must(in.invoices.Get(t.Context(), "h")).Invoice, want)
	})
}

func TestRefused(t *testing.T) {
	each(t, func(t *testing.T, in *tables) {
		for field, change := range map[string]func(*pb.Invoice){
			"hash":        func(m *pb.Invoice) { m.Hash = nil },
			"customer_id": func(m *pb.Invoice) { m.CustomerId = strings.Repeat("x", 21) },
			"note":        func(m *pb.Invoice) { m.Note = proto.String(strings.Repeat("x", 11)) },
			"":            func(m *pb.Invoice) { m.Total = -1 },
		} {
			m := whole()
			change(m)
			var invalid *record.InvalidError
			if err := in.invoices.Insert(t.Context(), row(m)); !errors.As(err, &invalid) || invalid.Field != field {
				t.Errorf("%q: %v", field, err)
			}
		}
		m := whole()
		m.Far = "\xff"
		if err := in.invoices.Insert(t.Context(), row(m)); !errors.Is(err, store.ErrInvalid) || !strings.Contains(err.Error(), "UTF-8") {
			t.Errorf("no text: %v", err)
		}
		if err := in.invoices.Insert(t.Context(), row(nil)); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("no message: %v", err)
		}
		if err := in.invoices.Check(&invoices.Invoice{}); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("no message, checked: %v", err)
		}
	})
}

// Bytes that are no message, and one that has another key, are a corrupt row.
func TestCorrupt(t *testing.T) {
	each(t, func(t *testing.T, in *tables) {
		ctx := t.Context()
		if err := in.invoices.Put(ctx, row(whole())); err != nil {
			t.Fatal(err)
		}
		key := invoices.KeyOf(row(whole()))
		raw := rawstore.Of(in.invoices.Handle())
		at, header := place(t, in, key)
		other := whole()
		other.Hash = []byte("other")
		values := map[string][]byte{"another key": must(proto.Marshal(other)), "no message": {0xff}, "nothing": {}}
		for what, value := range values {
			err := raw.Update(ctx, key.AppendKey(nil), func([]byte) ([]byte, error) { return value, nil })
			if !errors.Is(err, store.ErrInvalid) {
				t.Errorf("%s: %v", what, err)
			}
		}
		for what, value := range values {
			tx := must(in.engine.Begin(ctx, engine.TxOptions{})) // behind the back of the store
			if err := tx.Put(at, append(bytes.Clone(header), value...)); err != nil {
				t.Fatal(err)
			}
			must(tx.Commit(ctx))
			if _, err := in.invoices.Get(ctx, key); !errors.Is(err, store.ErrCorrupt) {
				t.Errorf("%s: get: %v", what, err)
			}
			if rows, err := in.invoices.Scan().Rows(ctx); !errors.Is(err, store.ErrCorrupt) {
				t.Errorf("%s: scan: %v, %v", what, rows, err)
			}
			found := 0
			if _, err := admin.Verify(ctx, in.db, admin.VerifyOptions{Found: func(f admin.Finding) {
				if f.Fault == admin.FaultRow {
					found++
				}
			}}); err != nil || found != 1 {
				t.Errorf("%s: verify finds %d rows, %v", what, found, err)
			}
		}
	})
}

// place is the engine's key of a row, and what its value begins with.
func place(t *testing.T, in *tables, key models.Hash) (at, header []byte) {
	t.Helper()
	body := must(rawstore.Of(in.invoices.Handle()).Get(t.Context(), key.AppendKey(nil)))
	tx := must(in.engine.Begin(t.Context(), engine.TxOptions{}))
	defer tx.Rollback()
	it := tx.Iterate(t.Context(), engine.Range{})
	defer it.Close()
	for it.Next() {
		if bytes.HasSuffix(it.Key(), key.AppendKey(nil)) && len(body) > 0 && bytes.HasSuffix(it.Value(), body) {
			return bytes.Clone(it.Key()), bytes.Clone(it.Value()[:len(it.Value())-len(body)])
		}
	}
	t.Fatal("the row is nowhere")
	return nil, nil
}

// Providers show the columns, of the rows and of entries, and write no rows.
func TestProvider(t *testing.T) {
	each(t, func(t *testing.T, in *tables) {
		ctx := t.Context()
		if err := in.invoices.Put(ctx, row(whole())); err != nil {
			t.Fatal(err)
		}
		p := provider.Of(in.invoices.Handle()).(provider.Mutable)
		def := p.Def()
		want := map[string]string{
			"hash": `"AAH/"`, "customer_id": `"ann"`, "total": "1099511627776", "balance": "-5", "lines": "-7", "pages": "4294967295", "views": "18446744073709551615",
			"paid": "true", "rate": "-0.25", "nonce": "9223372036854775809", "delta": "-2147483648", "state": "2", "created_at": `"2025-12-31T23:59:59Z"`,
			"expires_at": `"2026-01-01T00:00:00Z"`, "amounts": "[-1,0,1125899906842624]", "past": "[1,0,77]", "note": `"note"`, "rank": "-3", "rooms": "[5,300]", "sent": "false", "far": `"away"`,
		}
		got := map[string]string{}
		c := must(p.Scan(ctx, &provider.ScanRequest{Columns: def.All()}))
		for c.Next() {
			for i := range def.Columns {
				got[def.Columns[i].Name] = c.Value(i).JSON()
			}
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		equal(t, "the row", got, want)

		total, rate := def.ColumnNamed("total"), def.ColumnNamed("rate")
		c = must(p.Scan(ctx, &provider.ScanRequest{Path: def.PathNamed("numbers"), Columns: provider.Cols(total, rate)}))
		if !c.Next() || c.Value(total).JSON() != "1099511627776" || c.Value(rate).JSON() != "-0.25" {
			t.Errorf("an entry: %v, %v", c.Value(total), c.Err())
		}
		key := bytes.Clone(c.Key())
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		if err := p.Update(ctx, provider.Scope{}, key, []provider.Assignment{{Column: total, Value: provider.Int64(1)}}); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("update: %v", err)
		}
		if _, err := p.Insert(ctx, provider.Scope{}, make([]provider.Value, len(def.Columns))); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("insert: %v", err)
		}
		if there, err := p.Delete(ctx, provider.Scope{}, key); !there || err != nil {
			t.Errorf("delete: %v, %v", there, err)
		}
		in.sound(t)
	})
}

// A message that has methods of its own is written by these, and may have a key of
// several fields.
func TestOwnMarshal(t *testing.T) {
	each(t, func(t *testing.T, in *tables) {
		ctx, before := t.Context(), pb.Marshalled
		e := &pb.Event{Stream: "s", Number: 7, Data: []byte("data")}
		if err := in.events.Insert(ctx, &events.Event{Event: e}); err != nil {
			t.Fatal(err)
		}
		if pb.Marshalled == before {
			t.Error("MarshalVT was not called")
		}
		key := events.EventKey{Stream: "s", Number: 7}
		equal(t, "the row", must(in.events.Get(ctx, key)).Event, e)
		many := must(in.events.GetMany(ctx, []events.EventKey{{Stream: "x"}, key}))
		if many[0] != nil || many[1].Number != 7 {
			t.Errorf("many: %v", many)
		}
		equal(t, "of a stream", must(in.events.ByKey.Stream("s").NumberFrom(7).First(ctx)).Event, e)
		if got := key.String(); got != "s/7" {
			t.Errorf("the key is %s", got)
		}
		stored := must(rawstore.Of(in.events.Handle()).Get(ctx, keys.AppendUint64(keys.AppendString(nil, "s"), 7)))
		if !bytes.Equal(stored, must(proto.Marshal(e))) {
			t.Errorf("stored as %x", stored)
		}
	})
}

// Random rows agree with a map of them, and their entries with them, through writes,
// updates and deletes, which read what entries are made of alone.
func TestRandom(t *testing.T) {
	each(t, func(t *testing.T, in *tables) {
		ctx, rng, want := t.Context(), rand.New(rand.NewPCG(5, 6)), map[models.Hash]*pb.Invoice{}
		hash := func() models.Hash { return models.Hash([]byte{byte(1 + rng.IntN(12))}) }
		for range 600 {
			k := hash()
			switch rng.IntN(4) {
			case 0:
				if _, err := in.invoices.Delete(ctx, k); err != nil {
					t.Fatal(err)
				}
				delete(want, k)
			case 1:
				err := in.invoices.Update(ctx, k, func(v *invoices.Invoice) error {
					v.Sent, v.Tags = !v.Sent, append(v.Tags, "more")
					return nil
				})
				if m := want[k]; m != nil && err == nil {
					m.Sent, m.Tags = !m.Sent, append(m.Tags, "more")
				} else if !errors.Is(err, store.ErrNotFound) {
					t.Fatalf("%v, where there is %v", err, m)
				}
			default:
				var v invoices.Invoice
				storetest.Fill(rng, in.invoices, &v)
				v.Hash, v.ExpiresAt, v.Address = []byte(k), nil, &pb.Address{Street: "s"}
				if err := in.invoices.Put(ctx, &v); errors.Is(err, store.ErrUnique) {
					continue
				} else if err != nil {
					t.Fatal(err)
				}
				want[k] = proto.CloneOf(v.Invoice)
			}
		}
		got := map[models.Hash]*pb.Invoice{}
		for v, err := range in.invoices.ScanAll(ctx) {
			if err != nil {
				t.Fatal(err)
			}
			got[invoices.KeyOf(&v)] = v.Invoice
		}
		equal(t, "the rows", got, want)
		in.sound(t)
		for k, m := range want {
			if n := must(in.invoices.ByCustomer.CustomerID(models.CustomerID(m.CustomerId)).Total(m.Total).Count(ctx)); n == 0 {
				t.Errorf("%v is not in the index", k)
			}
		}
	})
}

// Hooks get the old and the new message.
func TestHooks(t *testing.T) {
	each(t, func(t *testing.T, in *tables) {
		var seen []string
		stop := store.OnCommit(in.events, func(c store.TableCommit[events.EventKey, events.Event]) {
			for _, ch := range c.Changes {
				text := ch.Key.String()
				if ch.Old != nil {
					text += " was " + string(ch.Old.Data)
				}
				if ch.New != nil {
					text += " is " + string(ch.New.Data)
				}
				seen = append(seen, text)
			}
		})
		defer stop()
		for _, data := range []string{"a", "b"} {
			if err := in.events.Put(t.Context(), &events.Event{Event: &pb.Event{Stream: "s", Data: []byte(data)}}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := in.events.Delete(t.Context(), events.EventKey{Stream: "s"}); err != nil {
			t.Fatal(err)
		}
		if err := in.db.WaitHooks(t.Context()); err != nil {
			t.Fatal(err)
		}
		equal(t, "the changes", seen, []string{"s/0 is a", "s/0 was a is b", "s/0 was b"})
	})
}

// Decoding takes any bytes for a row or an error, and partial reads agree with whole ones.
func FuzzDecode(f *testing.F) {
	s, _ := storetest.New(f, func(ctx context.Context, db *store.DB) (*invoices.Store, error) { return invoices.Open(ctx, db) })
	if err := s.Insert(f.Context(), row(whole())); err != nil {
		f.Fatal(err)
	}
	key := invoices.KeyOf(row(whole()))
	raw := rawstore.Of(s.Handle())
	f.Add(must(raw.Get(f.Context(), key.AppendKey(nil))))
	f.Fuzz(func(t *testing.T, b []byte) {
		err := raw.Update(t.Context(), key.AppendKey(nil), func([]byte) ([]byte, error) { return b, nil })
		if err != nil && !errors.Is(err, store.ErrInvalid) {
			t.Errorf("% x: %v", b, err)
		}
		if _, err := s.Delete(t.Context(), key); err != nil {
			t.Errorf("% x: %v", b, err)
		}
		for _, n := range []func(context.Context) (int, error){s.ByCustomer.Scan().Count, s.ByState.Scan().Count, s.ByTag.Scan().Count, s.ByAmount.Scan().Count, s.ByNumbers.Scan().Count, s.ByFar.Scan().Count} {
			if left := must(n(t.Context())); left != 0 {
				t.Errorf("% x: %d entries are left", b, left)
			}
		}
		if err := s.Insert(t.Context(), row(whole())); err != nil {
			t.Fatal(err)
		}
	})
}
