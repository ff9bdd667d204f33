package owned

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"

	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/rawstore"
	"github.com/storegen/storegen/runtime/record"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/store/storetest"
	"github.com/storegen/storegen/templates/internal/owned/db/hosts"
	"github.com/storegen/storegen/templates/internal/owned/db/models"
	"github.com/storegen/storegen/templates/internal/owned/db/users"
	"github.com/storegen/storegen/templates/internal/owned/db/visits"
	"github.com/storegen/storegen/templates/internal/owned/model"
	"github.com/storegen/storegen/templates/internal/owned/plain"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// equalShape is equal of shapes, whose embedded struct is not exported, but its field is.
func equalShape(t *testing.T, what string, got, want model.Shape) {
	t.Helper()
	if got.Kept != want.Kept {
		t.Errorf("%s: kept is %q, want %q", what, got.Kept, want.Kept)
	}
	equal(t, what, got, want)
}

// equal compares values as they are, but for what Span keeps.
func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(plain.ID{}), cmpopts.IgnoreUnexported(model.Span{}, model.User{}, model.Shape{}, models.Visit{}),
		cmp.Comparer(func(a, b netip.Addr) bool { return a == b }), cmp.Comparer(func(a, b plain.Moment) bool { return time.Time(a).Equal(time.Time(b)) })); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func addr(text string) netip.Addr { return netip.MustParseAddr(text) }

func openUsers(ctx context.Context, db *store.DB) (*users.Store, error) { return users.Open(ctx, db) }

// whole is a row with something in every field.
func whole() model.User {
	zip := plain.Zip{Country: "IS", Code: 101}
	place := model.Place{
		Street: "High", Zip: zip, Old: &plain.Zip{Country: "NO"}, All: []plain.Zip{zip, {}}, ByName: map[string]plain.Zip{"a": zip},
		Addr: addr("192.0.2.9"), Spans: []model.Span{{From: 1, To: 2}, {}}, Role: models.RoleGuest, Photo: []byte("p"), At: storetest.Start,
	}
	ends := plain.Moment(storetest.Start.Add(time.Hour))
	return model.User{
		ID: plain.NewID(7), Name: "Ann", Nick: new(plain.Name("an")), Addr: addr("192.0.2.1"), Via: new(addr("2001:db8::a")),
		Addrs: []netip.Addr{addr("::1"), {}}, Seen: map[netip.Addr]model.Place{addr("::2"): place, addr("::1"): {Role: models.RoleMember}},
		Span: model.Span{From: 3, To: 4}, Spans: map[string]model.Span{"x": {From: 5, To: 6}}, Next: &model.Span{},
		Link: must(url.Parse("https://example.com/a?b#c")), Level: slog.LevelError, Plain: slog.LevelInfo - 3, Path: model.Path{"a", "b"},
		Home: place, Work: &place, Places: []model.Place{place, {Role: models.RoleGuest}}, ByName: map[plain.Name]model.Place{"k": place},
		Photo: []byte{0, 1}, Wait: plain.Wait(time.Minute), Moment: plain.Moment(storetest.Start), Ends: &ends, Ref: plain.Ref(uuid.Max), Doc: model.Doc(`{"a":1}`),
		Words: []model.Word{-1, 0, math.MaxInt}, Ints: []int{5}, Role: models.RoleMember, Note: []byte{},
	}
}

func TestWholeRow(t *testing.T) {
	s, _ := storetest.New(t, openUsers)
	want := whole()
	if err := s.Insert(t.Context(), &want); err != nil {
		t.Fatal(err)
	}
	got := must(s.Get(t.Context(), plain.NewID(7)))
	equal(t, "the row", got, whole())
	// What Unmarshal was given is its own: a change of it changes nothing else.
	copy(got.Span.Kept(), "\xff\xff")
	equal(t, "the row, read again", must(s.Get(t.Context(), plain.NewID(7))), whole())

	equal(t, "by its address", must(s.ByAddr.Addr(addr("192.0.2.1")).First(t.Context())), whole())
	equal(t, "by the folded text", must(s.ByVia.Get(t.Context(), addr("2001:DB8::A"), "Ann")), whole())
	equal(t, "by an element", must(s.ByEach.Addrs(addr("::1")).ID(plain.NewID(7)).First(t.Context())), whole())
	equal(t, "by a prefix", must(s.ByAddr.AddrPrefix("192.0.").First(t.Context())), whole())
	for e, err := range s.ByAddr.Entries(t.Context(), s.ByAddr.Scan()) {
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "an entry", e, users.AddrEntry{ID: want.ID, Addr: want.Addr, Span: want.Span, Home: want.Home, Level: want.Level})
	}
	if _, err := s.Get(t.Context(), plain.NewID(8)); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("another key: %v", err)
	}
}

// The least that a row has to have: zero values are not asked for a form.
func TestZeroRow(t *testing.T) {
	s, _ := storetest.New(t, openUsers)
	row := model.User{ID: plain.NewID(1), Role: models.RoleGuest, Home: model.Place{Role: models.RoleGuest}}
	if err := s.Insert(t.Context(), &row); err != nil {
		t.Fatal(err)
	}
	want := model.User{ID: plain.NewID(1), Role: models.RoleGuest, Home: model.Place{Role: models.RoleGuest}, Name: "nobody", Level: slog.LevelWarn}
	equal(t, "the row", must(s.Get(t.Context(), row.ID)), want)
	if n, b := len(users.Desc.Fields), must(rawstore.Of(s.Handle()).Get(t.Context(), []byte("n0001"))); n != 28 || len(b) != 23 {
		t.Errorf("%d fields, and the row takes %d bytes: % x", n, len(b), b)
	}
}

// What a method says against a value is an error of the write, with the field.
func TestRefused(t *testing.T) {
	s, _ := storetest.New(t, openUsers)
	bad := model.Span{From: 2, To: 1}
	for field, change := range map[string]func(*model.User){
		"id":           func(u *model.User) { u.ID = plain.ID{} },
		"span":         func(u *model.User) { u.Span = bad },
		"next":         func(u *model.User) { u.Next = &bad },
		"spans":        func(u *model.User) { u.Spans["y"] = bad },
		"home.spans":   func(u *model.User) { u.Home.Spans = []model.Span{bad} },
		"places.spans": func(u *model.User) { u.Places[1].Spans = []model.Span{bad} },
		"work.role":    func(u *model.User) { u.Work.Role = 0 },
		"home.street":  func(u *model.User) { u.Home.Street = plain.Name(strings.Repeat("x", 21)) },
		"path":         func(u *model.User) { u.Path = model.Path{"\xff"} },
		"name":         func(u *model.User) { u.Name = strings.Repeat("x", 31) },
		"addr":         func(u *model.User) { u.Addr = addr("fe80::1%" + strings.Repeat("z", 64)) },
	} {
		row := whole()
		change(&row)
		err := s.Insert(t.Context(), &row)
		var invalid *record.InvalidError
		if !errors.As(err, &invalid) || invalid.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	row := whole()
	row.Span = bad
	if err := s.Insert(t.Context(), &row); err == nil || !strings.Contains(err.Error(), "a span ends before it begins") {
		t.Errorf("what the method says is lost: %v", err)
	}
	if n := must(s.ByKey.Scan().Count(t.Context())); n != 0 {
		t.Errorf("%d rows were written", n)
	}
}

// A key without a text is found nowhere, and is behind all that have one.
func TestKeyWithoutText(t *testing.T) {
	s, _ := storetest.New(t, openUsers)
	row := whole()
	if err := s.Insert(t.Context(), &row); err != nil {
		t.Fatal(err)
	}
	none := plain.ID{}
	if _, err := s.Get(t.Context(), none); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("get: %v", err)
	}
	if _, err := s.Delete(t.Context(), none); !errors.Is(err, store.ErrNotFound) && err != nil {
		t.Errorf("delete: %v", err)
	}
	if n := must(s.ByKey.IDFrom(none).Count(t.Context())); n != 0 {
		t.Errorf("%d rows from there on", n)
	}
	if n := must(s.ByKey.IDBefore(none).Count(t.Context())); n != 1 {
		t.Errorf("%d rows before it, want all", n)
	}
}

// Stored bytes that a method does not take are a corrupt row, and no panic.
func TestCorrupt(t *testing.T) {
	s, _ := storetest.New(t, openUsers)
	row := whole()
	codec := rawstore.Of(s.Handle())
	if err := s.Insert(t.Context(), &row); err != nil {
		t.Fatal(err)
	}
	key := []byte("n0007")
	value := must(codec.Get(t.Context(), key))
	for i, wrong := range [][]byte{
		record.AppendString(nil, 4, "no address"), record.AppendBytes(nil, 8, []byte("long")), record.AppendString(nil, 12, "LOUD"), record.AppendString(nil, 6, "x"),
		record.AppendInt64(nil, 4, 1), record.AppendInt64(nil, 8, 1), record.AppendInt64(nil, 15, 1), record.AppendString(nil, 15, "\xff"),
		nested(nil, 15, record.AppendString(nil, 6, "x")), nested(nil, 7, record.AppendString(nil, 1, "x")), nested(nil, 9, record.AppendString(nil, 2, "x")),
	} {
		err := codec.Update(t.Context(), key, func([]byte) ([]byte, error) { return append(bytes.Clone(value), wrong...), nil })
		if !errors.Is(err, store.ErrInvalid) {
			t.Errorf("%d: %v", i, err)
		}
	}
	equal(t, "the row", must(s.Get(t.Context(), row.ID)), whole())
}

func nested(dst []byte, num int, body []byte) []byte {
	dst, at := record.Begin(dst, num)
	return record.End(append(dst, body...), at)
}

// Providers show texts and bytes, and take those that the methods take.
func TestProvider(t *testing.T) {
	s, _ := storetest.New(t, func(ctx context.Context, db *store.DB) (*hosts.Store, error) {
		return hosts.Open(ctx, db, slog.LevelWarn, addr("::1"))
	})
	p := provider.Of(s.Handle()).(provider.Mutable)
	values := func(id, host string) []provider.Value {
		return []provider.Value{provider.String(id), provider.String(host), provider.String("text")}
	}
	if _, err := p.Insert(t.Context(), provider.Scope{}, values("n0003", "192.0.2.7")); err != nil {
		t.Fatal(err)
	}
	for _, bad := range [][]provider.Value{values("3", "192.0.2.7"), values("n0003", "here")} {
		if _, err := p.Insert(t.Context(), provider.Scope{}, bad); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("%v: %v", bad, err)
		}
	}
	got := must(s.Get(t.Context(), hosts.RowKey{ID: plain.NewID(3), Host: addr("192.0.2.7")}))
	equal(t, "the row", got, hosts.Row{ID: plain.NewID(3), Host: addr("192.0.2.7"), Text: "text"})
	if key := (hosts.RowKey{ID: plain.NewID(3), Host: addr("::1")}); key.String() != "n0003/::1" {
		t.Errorf("the key is %s", key)
	}
	c := must(p.Scan(t.Context(), &provider.ScanRequest{Columns: provider.Cols(0, 1)}))
	defer c.Close()
	for c.Next() {
		if c.Value(0).Text() != "n0003" || c.Value(1).Text() != "192.0.2.7" {
			t.Errorf("%v %v", c.Value(0), c.Value(1))
		}
	}
	if err := c.Err(); err != nil {
		t.Error(err)
	}
}

// A document with two texts of one key is refused: the map would keep one of the two.
func TestProviderKeepsKeys(t *testing.T) {
	s, _ := storetest.New(t, openUsers)
	row := whole()
	if err := s.Put(t.Context(), &row); err != nil {
		t.Fatal(err)
	}
	p := provider.Of(s.Handle()).(provider.Mutable)
	seen := p.Def().ColumnNamed("seen")
	c := must(p.Scan(t.Context(), &provider.ScanRequest{Columns: provider.Cols(seen)}))
	if !c.Next() {
		t.Fatal(c.Err())
	}
	key, text := bytes.Clone(c.Key()), c.Value(seen).String()
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	set := func(text string) error {
		return p.Update(t.Context(), provider.Scope{}, key, []provider.Assignment{{Column: seen, Value: provider.JSON(text)}})
	}
	if err := set(text); err != nil {
		t.Errorf("the document as it was read: %v", err)
	}
	for from, to := range map[string]string{`"::2"`: `"0::1"`, `"::1"`: `"0::2"`} {
		if err := set(strings.Replace(text, from, to, 1)); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("%s for %s: %v", to, from, err)
		}
	}
	equal(t, "the row", must(s.Get(t.Context(), row.ID)).Seen, row.Seen)
}

// Members of a family are told apart by the texts of their parameters.
func TestFamily(t *testing.T) {
	var member hosts.Member
	_, _ = storetest.New(t, func(ctx context.Context, db *store.DB) (struct{}, error) {
		for _, level := range []slog.Level{slog.LevelWarn, slog.LevelDebug} {
			must(hosts.Open(ctx, db, level, addr("::1")))
		}
		if _, err := hosts.Open(ctx, db, 0, addr("fe80::1%"+strings.Repeat("z", 64))); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("a text that is too long: %v", err)
		}
		members := must(hosts.Members(ctx, db))
		equal(t, "the members", members, []hosts.Member{{Level: slog.LevelDebug, Addr: addr("::1")}, {Level: slog.LevelWarn, Addr: addr("::1")}})
		member = members[0]
		return struct{}{}, nil
	})
	if member.String() != "DEBUG/::1" {
		t.Errorf("the first is %s", member)
	}
}

// examples are values of the types that make their own texts and bytes.
func examples() []any {
	return []any{plain.NewID(1), plain.NewID(2), plain.NewID(9999), model.Span{From: 1, To: 9}, model.Span{}, *must(url.Parse("https://example.com/x")), addr("192.0.2.1"), addr("fe80::1%eth0")}
}

// Random rows with every sort of type come back as they were written, and lie
// where their indexes say.
func TestRandomRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	us, _ := storetest.New(t, openUsers)
	for range 300 {
		var row model.User
		storetest.Fill(rng, us, &row, examples()...)
		row.Ends = nil
		if err := us.Put(t.Context(), &row); err != nil {
			if errors.Is(err, store.ErrUnique) {
				continue
			}
			t.Fatal(err)
		}
		got := must(us.Get(t.Context(), row.ID))
		equal(t, "a user", got, row)
		if n := must(us.ByAddr.Addr(row.Addr).Count(t.Context())); n == 0 {
			t.Errorf("%v is not in the index", row.Addr)
		}
	}
	vs, _ := storetest.New(t, func(ctx context.Context, db *store.DB) (*visits.Store, error) { return visits.Open(ctx, db) })
	for range 300 {
		var row visits.Row
		storetest.Fill(rng, vs, &row, examples()...)
		row.Later, row.Keep = plain.Moment(storetest.Start), plain.Wait(time.Hour)
		if err := vs.Put(t.Context(), &row); err != nil {
			t.Fatal(err)
		}
		key := visits.KeyOf(&row)
		equal(t, "a visit", must(vs.Get(t.Context(), key)), row)
		if parsed, err := models.ParsePair(key.String()); err != nil || parsed.String() != key.String() {
			t.Errorf("%s is parsed as %s, %v", key, parsed, err)
		}
		for e, err := range vs.BySpot.Entries(t.Context(), vs.BySpot.Ratio(row.Ratio)) {
			if err != nil {
				t.Fatal(err)
			}
			if models.Pair(must(models.DecodePair(key.AppendKey(nil)))) == (models.Pair{ID: e.ID, Addr: e.Addr, Name: e.Name, Small: e.Small, Wait: e.Wait, Moment: e.Moment, Ref: e.Ref, On: e.On, Spot: e.Spot}) {
				equal(t, "its entry", e.Visit, row.Visit)
			}
		}
	}
}

// Decoding takes any bytes for a row or an error.
func FuzzDecode(f *testing.F) {
	s, _ := storetest.New(f, openUsers)
	row := whole()
	if err := s.Insert(f.Context(), &row); err != nil {
		f.Fatal(err)
	}
	f.Add(must(rawstore.Of(s.Handle()).Get(f.Context(), []byte("n0007"))))
	f.Fuzz(func(t *testing.T, b []byte) {
		err := rawstore.Of(s.Handle()).Update(t.Context(), []byte("n0007"), func([]byte) ([]byte, error) { return b, nil })
		if err != nil && !errors.Is(err, store.ErrInvalid) {
			t.Errorf("% x: %v", b, err)
		}
		if _, err := s.Get(t.Context(), plain.NewID(7)); err != nil {
			t.Errorf("% x: %v", b, err)
		}
	})
}
