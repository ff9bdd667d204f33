package templates_test

import (
	"sync"
	"testing"

	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/gostruct"
	"github.com/storegen/storegen/schema/load"
	"github.com/storegen/storegen/templates"
)

// goTypes are types of the standard library of every sort: with a text, with bytes,
// over scalars and slices, that Go cannot compare, and structs.
const goTypes = `
  Addr: {go: net/netip.Addr, max: 64}
  Link: {go: net/url.URL, min: 1}
  Level: {go: log/slog.Level}
  Number: {go: time.Month}
  Big: {go: math/big.Int}
  Host: {go: net.IP}
  Raw: {go: net.HardwareAddr}
  Mail: {go: net/mail.Address}
  Point: {go: image.Point}
  Weekday: {go: time.Weekday}
`

// goTables are tables of them, and rows that are structs.
var goTables = []string{`table: points
access: public
row: {go: image.Point}
key: [x, y]
`, `table: mail
access: public
row: {go: net/mail.Address}
key: address
fields: {name: {default: nobody, max: 9, min: 1, hidden: true}}
indexes: {name: {on: [fold name], unique: true}}
`, `table: t
access: public
per: {of: Level, at: Point}
key: [addr, number, day, spot]
fields:
  addr: Addr
  number: Number
  day: Weekday
  spot: Point
  other: {type: Addr, default: "::1"}
  big: Big
  bigs: "[]Big"
  host: Host?
  raw: Raw
  raws: Raw?
  link: Link
  links: "map[Addr]Link"
  mail: Mail?
  mails: "[]Mail"
  posts: "map[string]Mail"
  level: {type: Level?, default: INFO}
  levels: "[]Level"
  days: "[]Weekday"
indexes:
  other: {on: [fold other desc, number], include: [big, mail, level, links], where: has level}
  levels: {on: [each levels, level], unique: true}
  day: {on: [day], where: number > 3 and day == day}
  raw: {on: [raw desc], where: len(raw) > 3 or has host}
`}

// All that can be done with types in Go becomes Go that compiles, in both layouts.
func TestGoTypesCompile(t *testing.T) {
	check, err := oneChecker()
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range goTables {
		for _, one := range []bool{false, true} {
			set, err := load.ParseWithGo([]schema.Source{{Name: "t.yaml", Data: []byte(table)}, {Name: "types.yaml", Data: []byte("types:" + goTypes)}}, nil, loadGo)
			if err != nil {
				t.Fatal(err)
			}
			set.OnePackage = one
			const base = "example.com/app/db"
			files, err := templates.Generate(set, base)
			if err != nil {
				t.Fatal(err)
			}
			if err := check.check(base, files); err != nil {
				t.Errorf("%v\n%s", err, table)
			}
		}
	}
}

var goNames = []string{"net/netip.Addr", "net/url.URL", "log/slog.Level", "math/big.Int", "net.IP", "net.HardwareAddr", "net/mail.Address", "image.Point", "time.Month", "time.Weekday"}

// foundGo is what is found of them, in each form, and as rows.
var foundGo = sync.OnceValue(func() map[schema.GoNamed]*schema.GoDecl {
	var ask schema.GoAsk
	for _, name := range goNames {
		for _, as := range []string{"", "text", "binary", "scalar"} {
			ask.Types = append(ask.Types, schema.GoNamed{Name: name + " " + as, Go: name, As: as})
		}
	}
	found := gostruct.Loader(".", "example.com/app/db", "example.com/app/db/models")(ask)
	out := map[schema.GoNamed]*schema.GoDecl{}
	for _, t := range ask.Types {
		out[schema.GoNamed{Go: t.Go, As: t.As}] = found.Types[t.Name]
	}
	return out
})

// loadGo finds these types and no other, without a look at any file.
func loadGo(ask schema.GoAsk) *schema.GoSource {
	out := &schema.GoSource{Rows: map[string]*schema.GoDecl{}, Types: map[string]*schema.GoDecl{}, Package: "example.com/app/db"}
	find := func(t schema.GoNamed) *schema.GoDecl {
		d := foundGo()[schema.GoNamed{Go: t.Go, As: t.As}]
		if d == nil {
			return &schema.GoDecl{Problems: []schema.GoProblem{{Message: "there is no such type here", Help: "name another"}}}
		}
		found := *d
		found.Name, found.For = t.Name, t.Go
		return &found
	}
	for _, t := range ask.Types {
		out.Types[t.Name] = find(t)
	}
	for _, name := range ask.Rows {
		d := find(schema.GoNamed{Go: name})
		if d.Scalar != "" {
			d = &schema.GoDecl{Problems: []schema.GoProblem{{Message: "it is no row here", Help: "name another"}}}
		}
		out.Rows[name] = d
	}
	return out
}
