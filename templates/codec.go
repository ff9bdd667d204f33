package templates

import (
	"slices"
	"strconv"
	"strings"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
)

// codec emits what the store asks of a table.
func (t *table) codec(s *source) {
	appendKey, readKey := t.codecKey()
	var entries []string
	for i, ix := range t.Indexes {
		entries = append(entries, t.entry(i, ix))
	}
	declared, stored := t.rowVar(), t.appendFields("v", t.Fields)
	inValue := declared
	if stored == "" {
		inValue = "" // the rows are their keys
	}
	checks := "return nil"
	if rules := lines(t.checks("v", t.Fields), t.rules("v", t.Checks)); rules != "" {
		checks = lines(declared, "var broken record.Broken", rules, "return broken.Err()")
	}
	expires := t.expires()
	if t.TTL != nil {
		expires = lines(declared, expires)
	}
	s.add(t.text(`
// codec implements storeimpl.RowCodec: what the store asks of the table, whose rows it knows as
// any. Its receivers are pointers, since methods of a value are compiled twice.
type codec struct{}

func (*codec) Desc() *catalog.Table { return Desc }
func (*codec) NewRow() any { return new($Row) }
func (*codec) Reset(row any) { *row.(*$Row) = $Row{} }
func (*codec) Key(row any) any { return KeyOf(row.(*$Row)) }
func (*codec) AppendRowKey(dst []byte, row any) []byte $appendKey

func (*codec) DecodeRowKey(b []byte, row any) error {
	$readKey
}

`, "$appendKey", body(appendKey), "$readKey", readKey))
	if t.Codec != nil {
		t.messageCodec(s)
	} else {
		s.add(t.text(`
func (*codec) AppendValue(dst []byte, row any) []byte {
	$inValue
	$append
	return dst
}

func (*codec) DecodeValue(b []byte, row any, of record.Fields, lists *record.Lists) (unknown []byte, err error) {
	$inValue
	$arrays
	$reader
	for r.NextOf(of) {
		switch r.Num() {
		$cases
		default:
			unknown = r.AppendRaw(unknown)
		}
	}
	return unknown, r.Err()
}

func (*codec) Default(row any, now func() time.Time) $default

func (*codec) Check(row any) error $check

`, "$inValue", inValue, "$append", stored, "$arrays", t.arrays("v", t.Fields), "$reader", t.takeFields("v", t.Fields), "$cases", t.readFields("v", t.Fields), "$default", t.withRow(t.defaults()), "$check", body(checks)))
	}
	s.add(t.text(`
func (*codec) Expires(row any, keep time.Duration) (time.Time, bool) $expires

func (*codec) Entries(e *storeimpl.Entries, row any) $entries
`, "$expires", body(expires), "$entries", t.withRow(entries)))
}

// withRow is a block of statements about a row.
func (t *table) withRow(statements []string) string {
	if len(statements) == 0 {
		return "{}"
	}
	return block(t.rowVar(), lines(statements...))
}

// codecKey appends the key of a row to dst, and reads it back from b.
func (t *table) codecKey() (add, read string) {
	if ownKey(t.Key) {
		return t.text("return KeyOf(row.(*$Row)).AppendKey(dst)"), t.text(`
k, err := models.Decode$T(b)
SetKey(row.(*$Row), k)
return err`, "$T", t.Key.Type.Name)
	}
	key := t.Key.Type
	keyOf := t.text("KeyOf(row.(*$Row))")
	add = lines(t.appendKey(keyOf, key)...)
	if strings.Contains(add, "\n") || key.Kind == kind.Struct || key.Marshalled() || rowOf(key).Gen.Array { // whose address may be taken
		add = lines("k := "+keyOf, lines(t.appendKey("k", key)...))
	}
	return add, t.text(`
var k $Key
$read
SetKey(row.(*$Row), k)
return r.Done()`, "$read", t.readKey("k", key))
}

// defaults emits the defaults of fields.
func (t *table) defaults() []string {
	var out []string
	for _, f := range t.Fields {
		if f.Default == nil || isZero(f) {
			continue
		}
		x := "v." + f.GoName
		unset := x + " == nil"
		if !f.Optional {
			unset = t.isUnset(x, f.Type)
		}
		if f.Type.Marshalled() {
			made := ""
			if f.Optional {
				made = x + " = " + call("new", t.goType(f.Type))
			}
			out = append(out, ifThen(unset, made, call("record.DefaultText", pointer(x, f), strconv.Quote(f.Default.Value.Text()))))
			continue
		}
		val := t.defaultValue(f)
		if needsPlain(f.Type) {
			val = call(t.goType(f.Type), val)
		}
		if isPointer(f) {
			val = call("new", t.typed(f.Type, val))
		}
		out = append(out, ifThen(unset, x+" = "+val))
	}
	return out
}

// isZero reports whether a field that cannot be absent has its type's zero value
// as its default, which it has anyway.
func isZero(f *schema.Field) bool {
	d := f.Default
	return !f.Optional && !d.Now && !d.New && d.Stored().Compare(rowOf(f.Type).Zero(f.Type.Params())) == 0
}

func (t *table) defaultValue(f *schema.Field) string {
	switch {
	case f.Default.Now:
		return "now()"
	case f.Default.New:
		return "uuid.Must(uuid.NewV7())"
	}
	return t.literal(f.Default, f.Type)
}

// typed converts an untyped constant to the type.
func (t *table) typed(typ *schema.Type, x string) string {
	if hasMethods(typ.Kind) || typ.Kind == kind.Enum || typ.Name == "" && (rowOf(typ).Gen.Untyped || rowOf(typ).Gen.Array) {
		return x // what Go takes it for anyway
	}
	return call(t.goType(typ), x)
}

// isUnset is the condition that a value is the zero one.
func (g *generator) isUnset(x string, t *schema.Type) string {
	if t.Marshalled() {
		return g.zero(x, t, true)
	}
	x = g.bare(t, x)
	if heldInString(t) {
		return x + ` == ""`
	}
	return g.gen(t, rowOf(t).Gen.Unset, x)
}

// expires emits when a row expires.
func (t *table) expires() string {
	const never = "return time.Time{}, false"
	if t.TTL == nil {
		return never
	}
	from, guard := "v."+t.TTL.From.GoName, ""
	if t.TTL.From.Optional {
		guard = ifThen(from+" == nil", never)
	}
	moment := from
	if needsPlain(t.TTL.From.Type) {
		from = t.bare(t.TTL.From.Type, value(from, t.TTL.From))
		moment = from
	} else if t.TTL.From.Optional {
		moment = "*" + from
	}
	k := t.TTL.KeepField
	if k == nil {
		return lines(guard, "return "+from+".Add("+durationOf(t.TTL.Keep)+"), true")
	}
	keep := "v." + k.GoName
	if k.Optional {
		guard = lines(guard, ifThen(keep+" == nil", "return "+from+".Add(keep), keep > 0"))
		keep = "*" + keep
	}
	keep = t.bare(k.Type, keep)
	if k.Type.Kind == kind.Duration {
		return lines(guard, "return "+from+".Add("+keep+"), true")
	}
	return lines(guard, "return storeimpl.LivesFor("+moment+", "+keep+"), true")
}

// entry emits a row's entries in an index.
func (t *table) entry(i int, ix *schema.Index) string {
	dst := "e.Begin(" + strconv.Itoa(i) + ")"
	var guards []cond
	if len(t.Indexes) > 1 && slices.ContainsFunc(t.Indexes, func(ix *schema.Index) bool { return ix.Unique }) {
		// A look-up of a unique value makes the entry of that index alone.
		guards = append(guards, cond{"e.Wants(" + strconv.Itoa(i) + ")", bindUnary, nil})
	}
	var each *schema.Column
	for _, c := range ix.Columns {
		at := "v." + c.Field.GoName
		if c.Field.Optional {
			guards = append(guards, present(at))
		}
		if c.Each {
			each = c
			dst = t.appendLeaf(dst, t.columnLeaf(c, "x", "&x"))
		} else {
			dst = t.appendLeaf(dst, t.columnLeaf(c, value(at, c.Field), pointer(at, c.Field)))
		}
	}
	if ix.Where != nil {
		guards = append(guards, t.condition("v", ix.Where))
	}
	what := "e.End(" + dst + ")"
	if len(ix.Include) > 0 {
		what = lines("dst := e.Include("+dst+")", t.appendFields("v", ix.Include), "e.End(dst)")
	}
	if each != nil {
		what = forEach("_, x", elements(each.Field.Type, "v."+each.Field.GoName), what)
	}
	switch {
	case len(guards) > 0:
		return ifThen(allOf(guards...).text, what)
	case len(ix.Include) > 0 && each == nil:
		return block(what)
	}
	return what
}

// columnLeaf is a column of an index, of a value that is at ptr.
func (t *table) columnLeaf(c *schema.Column, x, ptr string) leaf {
	l := leaf{at: x, typ: c.Type(), desc: c.Desc}
	if c.Type().Marshalled() {
		l.at, l.plain = call("keys.Text", ptr), true
	}
	for _, m := range c.Mappings() {
		l.at, l.plain = call(m.Call, t.plainLeaf(l)), true
	}
	return l
}
