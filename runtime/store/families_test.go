package store_test

import (
	"strings"
	"testing"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/record"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/storeimpl"
)

// A limit of a family's parameters counts for new members: those that are there open.
func TestMemberOfBeforeALimit(t *testing.T) {
	d := pairDesc("things", "a")
	d.Per = []catalog.Field{{Name: "app", Type: catalog.Type{Kind: kind.String}}}
	eng := open{memory.New()}
	at := func(name string, invalid error) (members int, err error) {
		db := must(store.Open(ctx, eng))
		c := pairCodec{desc: d}
		h, err := storeimpl.OpenMember(ctx, db, storeimpl.Typed(c), keys.AppendString(nil, name), name, invalid)
		if err == nil {
			err = store.TableOf(&h, c.Key, c.SetKey).Put(ctx, &pairRow{K: "k", A: name})
		}
		return len(must(db.Members(ctx, d))), err
	}
	tooLong := record.Length("app", 9, 0, 3)
	same(t, "members", must(at("long name", nil)), 1)
	same(t, "members with a limit", must(at("long name", tooLong)), 1)
	members, err := at("other long name", tooLong)
	isErr(t, err, store.ErrInvalid)
	same(t, "members after one was refused", members, 1)
}

// The start that lists the members of a family, and opens each, works before the
// family is opened under its new name, and is told where the family does not fit.
func TestMembersOfAChangedFamily(t *testing.T) {
	family := func(name string, param catalog.Field, was ...string) pairCodec {
		d := pairDesc(name, "a")
		d.Was, d.Per = was, []catalog.Field{param}
		return pairCodec{desc: d}
	}
	app := catalog.Field{Name: "app", Type: catalog.Type{Kind: kind.String}}
	eng := open{memory.New()}
	db := must(store.Open(ctx, eng))
	for _, name := range []string{"x", "y"} {
		must(storeimpl.OpenTypedMember(ctx, db, family("things", app), keys.AppendString(nil, name), name))
	}
	for name, c := range map[string]struct {
		code pairCodec
		want error
	}{
		"as it was":             {family("things", app), nil},
		"renamed":               {family("items", app, "stuff", "things"), nil},
		"a parameter renamed":   {family("things", catalog.Field{Name: "name", Was: []string{"app"}, Type: app.Type}), nil},
		"another parameter":     {family("things", catalog.Field{Name: "user", Type: app.Type}), store.ErrSchema},
		"a parameter's type":    {family("things", catalog.Field{Name: "app", Type: catalog.Type{Kind: kind.Int64}}), store.ErrSchema},
		"renamed and another":   {family("items", catalog.Field{Name: "user", Type: app.Type}, "things"), store.ErrSchema},
		"not there, or unknown": {family("others", app), nil},
	} {
		t.Run(name, func(t *testing.T) {
			members, err := must(store.Open(ctx, eng)).Members(ctx, c.code.desc)
			isErr(t, err, c.want)
			want := 2
			if c.want != nil || c.code.desc.Name == "others" {
				want = 0
			}
			same(t, "members", len(members), want)
		})
	}
	db = must(store.Open(ctx, eng))
	now := family("items", app, "things")
	for _, m := range must(db.Members(ctx, now.desc)) {
		must(storeimpl.OpenTypedMember(ctx, db, now, m, "?"))
	}
	same(t, "members", len(must(db.Members(ctx, now.desc))), 2)
	_, err := db.Members(ctx, family("things", app).desc)
	isErr(t, err, store.ErrSchema)
}

// A family has no rows of its own.
func TestFamilyIsNoTable(t *testing.T) {
	_, err := storeimpl.OpenTyped(ctx, must(store.Open(ctx, memory.New())), pairCodec{appsDesc()})
	if err == nil || !strings.Contains(err.Error(), "open one of its members") {
		t.Errorf("a family opened as a table: %v", err)
	}
}
