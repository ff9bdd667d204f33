package torture

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/internal/torture/dynamic"
	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/storeimpl"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/describe"
	"github.com/storegen/storegen/schema/evolve"
	"github.com/storegen/storegen/schema/load"
	"github.com/storegen/storegen/schema/lock"
)

var evolutions = flag.Int("evolutions", 120, "how many histories of schemas to make up")

// release is a schema of a history, with what it means.
type release struct {
	world *world
	set   *schema.Set
	lock  string
	class evolve.Class // of the change from the one before; "" is refused
	text  string       // what plan says
}

// publish makes a release after another one, with the lock of that one; it is nil
// where the schema is wrong or is refused.
func publish(w *world, before *release) *release {
	var numbers *schema.Source
	if before != nil {
		numbers = &schema.Source{Name: "storegen.lock", Data: []byte(before.lock)}
	}
	set, err := load.Parse(w.sources(), numbers)
	if err != nil {
		return nil
	}
	r := &release{world: w, set: set, lock: string(set.Lock.Format()), class: evolve.Safe}
	if before == nil {
		return r
	}
	was, err := lock.Parse("storegen.lock", []byte(before.lock))
	if err != nil {
		panic(err)
	}
	order := []evolve.Class{evolve.Safe, evolve.Rebuild, evolve.Migrate, evolve.Forbidden}
	for _, e := range evolve.Compare(was, set) {
		r.text += e.String() + "\n"
		if slices.Index(order, e.Class) > slices.Index(order, r.class) {
			r.class = e.Class
		}
	}
	return r
}

// next is a release that differs by some random changes.
func next(rng *rand.Rand, before *release, most int) *release {
	for range 40 {
		w := before.world.clone()
		for range 1 + rng.IntN(most) {
			w.change(rng)
		}
		if r := publish(w, before); r != nil {
			return r
		}
	}
	return nil
}

// A meaning is what a row holds, by the ids of what it is in.
type meaning map[string]string

// mean adds what a value means. Nothing is what is absent or zero.
func (w *world) mean(out meaning, path, typ string, x any) {
	switch v := x.(type) {
	case nil:
	case kind.Value:
		_, p, _ := kind.ParseType(typ)
		switch row := kind.Of(v.Kind()); {
		case v.Equal(row.Zero(&p)):
		case v.Kind() == kind.Enum:
			out[path] = fmt.Sprintf("number %d", v.Int64())
			if n := w.valueID(typ, int32(v.Int64())); n != 0 {
				out[path] = fmt.Sprintf("value #%d", n)
			}
		default:
			out[path] = v.String()
		}
	case *dynamic.Struct:
		s := w.named(w.structs, typ)
		for i, f := range s.parts {
			if i < len(v.Fields) {
				w.mean(out, fmt.Sprintf("%s.%d", path, f.id), f.typ, v.Fields[i])
			}
		}
	case []any:
		for i, elem := range v {
			w.mean(out, fmt.Sprintf("%s[%d]", path, i), strings.TrimPrefix(typ, "[]"), elem)
		}
	case map[string]any:
		for k, elem := range v {
			w.mean(out, fmt.Sprintf("%s[%s]", path, k), strings.TrimPrefix(typ, "map[string]"), elem)
		}
	default:
		panic(fmt.Sprintf("a value of %T", x))
	}
}

// valueID is the id of the value of an enum that has a number; 0 for none. Numbers are
// the schema's business: the names there lead to the ids.
func (w *world) valueID(enum string, number int32) int {
	e := w.named(w.enums, enum)
	for i := range e.parts {
		if w.numbers[enum+"."+e.parts[i].name] == number {
			return e.parts[i].id
		}
	}
	return 0
}

// value makes up a value of a type. Texts and numbers tell what they were written for.
func (r *release) value(rng *rand.Rand, path, typ string) any {
	w := r.world
	switch {
	case typ == "string":
		return kind.StringOf("text of " + path)
	case typ == "int32":
		return kind.Int32Of(int32(1 + rng.IntN(1<<30)))
	case typ == "int64":
		return kind.Int64Of(int64(1 + rng.IntN(1<<30)))
	case typ == "timestamp":
		return kind.TimestampOf(time.Date(2100, 1, 1, 0, 0, rng.IntN(1000), 0, time.UTC))
	case strings.HasPrefix(typ, "[]"):
		return []any{r.value(rng, path+"[0]", typ[2:]), r.value(rng, path+"[1]", typ[2:])}
	case strings.HasPrefix(typ, "map[string]"):
		return map[string]any{"k": r.value(rng, path+"[k]", strings.TrimPrefix(typ, "map[string]"))}
	}
	if s := w.named(w.structs, typ); s != nil {
		out := &dynamic.Struct{}
		for _, f := range s.parts {
			out.Fields = append(out.Fields, r.value(rng, fmt.Sprintf("%s.%d", path, f.id), f.typ))
		}
		return out
	}
	if row, p, _ := kind.ParseType(typ); row != nil {
		return row.Random(rng, &p)
	}
	e := w.named(w.enums, typ)
	return kind.EnumOf(nil, w.numbers[typ+"."+pick(rng, e.parts).name])
}

func (r *release) table(id int) (*madeTable, *schema.Table) {
	for _, t := range r.world.tables {
		if t.id == id {
			return t, r.set.Table(t.name)
		}
	}
	return nil, nil
}

func (r *release) bind() {
	r.world.numbers = map[string]int32{}
	for _, t := range r.set.Types {
		for _, v := range t.Values {
			r.world.numbers[t.Name+"."+v.Name] = v.Number
		}
	}
}

// of is what a row means.
func (r *release) of(t *madeTable, row *dynamic.Row) meaning {
	out := meaning{}
	for i, f := range t.fields {
		if i < len(row.Fields) {
			r.world.mean(out, fmt.Sprint(f.id), f.typ, row.Fields[i])
		}
	}
	return out
}

// ids are all things that a release knows.
func (r *release) ids() map[string]bool {
	out := map[string]bool{}
	add := func(parts []*made) {
		for _, p := range parts {
			out[fmt.Sprint(p.id)] = true
		}
	}
	for _, t := range r.world.tables {
		add(t.fields)
		add(t.per)
	}
	for _, t := range slices.Concat(r.world.enums, r.world.structs) {
		add(t.parts)
	}
	return out
}

// common is what of a meaning another release must see: that which lies in things that
// it knows. A value of an enum that it does not know it cannot name.
func (m meaning) common(known map[string]bool) meaning {
	out := meaning{}
	for path, v := range m {
		ok := true
		for _, id := range strings.FieldsFunc(path, func(c rune) bool { return c == '.' || c == '[' || c == ']' }) {
			ok = ok && (known[id] || id == "k" || len(id) == 1 && id < "2" && strings.Contains(path, "["+id+"]"))
		}
		if ok {
			out[path] = named(v, known)
		}
	}
	return out
}

// opened is a table, or the members of a family, of one release in a database.
type opened struct {
	members map[string]*store.Table[string, dynamic.Row] // by what their parameters mean
}

func (r *release) open(db *store.DB, id int) (*opened, error) {
	t, st := r.table(id)
	codec := dynamic.New(describe.Table(st))
	out := &opened{members: map[string]*store.Table[string, dynamic.Row]{}}
	if len(t.per) == 0 {
		s, err := storeimpl.OpenTyped(context.Background(), db, codec)
		out.members[""] = s
		return out, err
	}
	members, err := db.Members(context.Background(), codec.Desc())
	if err != nil {
		return nil, err
	}
	for _, m := range members {
		s, err := storeimpl.OpenTypedMember(context.Background(), db, codec, m, keys.Format(m))
		if err != nil {
			return nil, err
		}
		out.members[r.memberMeaning(t, m)] = s
	}
	return out, nil
}

// memberMeaning is what the parameters of a member are, by their ids.
func (r *release) memberMeaning(t *madeTable, member []byte) string {
	rd := keys.NewReader(member)
	out := meaning{}
	for _, p := range t.per {
		var x any
		if r.world.named(r.world.enums, p.typ) != nil {
			x = kind.EnumOf(nil, rd.Enum())
		} else {
			x = kind.StringOf(rd.String())
		}
		r.world.mean(out, fmt.Sprint(p.id), p.typ, x)
	}
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(out)) {
		parts = append(parts, k+"="+out[k])
	}
	return strings.Join(parts, ",")
}

// fill opens a table and writes rows. It returns what they mean, by member.
func (r *release) fill(rng *rand.Rand, db *store.DB, id int) (map[string][]meaning, error) {
	ctx := context.Background()
	t, st := r.table(id)
	codec := dynamic.New(describe.Table(st))
	out := map[string][]meaning{}
	write := func(name string, s *store.Table[string, dynamic.Row]) error {
		for n := range 3 {
			row := &dynamic.Row{}
			for _, f := range t.fields {
				switch {
				case f.name == "id":
					row.Fields = append(row.Fields, kind.StringOf(fmt.Sprint("row", n)))
				case f.name == "n1":
					row.Fields = append(row.Fields, kind.Int32Of(int32(n+1)))
				case f.optional && rng.IntN(2) == 0:
					row.Fields = append(row.Fields, nil)
				default:
					x := r.value(rng, fmt.Sprint(f.id), f.typ)
					if f.max > 0 && f.typ == "string" {
						text := x.(kind.Value).Text()
						x = kind.StringOf(text[:min(f.max, len(text))])
					}
					row.Fields = append(row.Fields, x)
				}
			}
			if err := s.Insert(ctx, row); err != nil {
				if errors.Is(err, store.ErrInvalid) {
					continue // a check
				}
				return err
			}
			out[name] = append(out[name], r.of(t, row))
		}
		return nil
	}
	if len(t.per) == 0 {
		s, err := storeimpl.OpenTyped(ctx, db, codec)
		if err != nil {
			return nil, err
		}
		return out, write("", s)
	}
	for n := range 2 {
		var m []byte
		for i, p := range t.per {
			if r.world.named(r.world.enums, p.typ) != nil {
				m = keys.AppendEnum(m, int32(r.value(rng, "", p.typ).(kind.Value).Int64()))
			} else {
				m = keys.AppendString(m, fmt.Sprintf("parameter %d.%d", i, n))
			}
		}
		if out[r.memberMeaning(t, m)] != nil {
			continue // the parameters are enums, of which the same values were drawn
		}
		s, err := storeimpl.OpenTypedMember(ctx, db, codec, m, keys.Format(m))
		if err != nil {
			return nil, err
		}
		if err := write(r.memberMeaning(t, m), s); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// read is what all rows mean to a release, by member, in order.
func (r *release) read(o *opened, id int) (map[string][]meaning, error) {
	t, _ := r.table(id)
	out := map[string][]meaning{}
	for name, s := range o.members {
		rows, err := s.Scan().Rows(context.Background())
		if err != nil {
			return nil, err
		}
		for i := range rows {
			out[name] = append(out[name], r.of(t, &rows[i]))
		}
	}
	return out, nil
}

// named is a meaning as it is to those who do not know the names of all values.
func named(v string, known map[string]bool) string {
	if id, isValue := strings.CutPrefix(v, "value #"); isValue && !known[id] || strings.HasPrefix(v, "number ") {
		return "a value without a name"
	}
	return v
}

func restrict(m map[string][]meaning, known map[string]bool) map[string][]meaning {
	out := map[string][]meaning{}
	for member, rows := range m {
		parts := strings.Split(member, ",")
		for i, part := range parts {
			if id, v, ok := strings.Cut(part, "="); ok {
				parts[i] = id + "=" + named(v, known)
			}
		}
		name := strings.Join(parts, ",")
		for _, row := range rows {
			out[name] = append(out[name], row.common(known))
		}
		slices.SortFunc(out[name], func(a, b meaning) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	}
	return out
}

// A trial is one database that several releases open, one after the other.
type trial struct {
	eng   engine.Engine
	clock *store.ManualClock
	id    int // of the table that is looked at
	rng   *rand.Rand
}

func (tr *trial) open() (*store.DB, error) {
	return store.Open(context.Background(), shared{tr.eng}, store.WithClock(tr.clock), store.WithMigrate(), store.WithoutSync())
}

// shared is an engine that several databases use in turn, and none closes.
type shared struct{ engine.Engine }

func (shared) Close() error { return nil }

// held is what was stored by one release, as another one sees it. All is as it was, or
// a problem is returned.
func (tr *trial) held(r *release, written map[string][]meaning, by *release) (problem string, refused bool) {
	db, err := tr.open()
	if err != nil {
		return fmt.Sprint("open the database: ", err), false
	}
	o, err := r.open(db, tr.id)
	if errors.Is(err, store.ErrSchema) {
		return "", true
	}
	if err != nil {
		return fmt.Sprint("open: ", err), false
	}
	got, err := r.read(o, tr.id)
	if err != nil {
		return fmt.Sprint("read: ", err), false
	}
	if diff := cmp.Diff(restrict(written, r.ids()), restrict(got, by.ids())); diff != "" {
		return "what is read is not what was written (-want +got):\n" + diff, false
	}
	report, err := admin.Verify(context.Background(), db, admin.VerifyOptions{})
	if err != nil || report.Findings > 0 {
		return fmt.Sprintf("verify: %+v, %v", report, err), false
	}
	return "", false
}

// change updates each row in the one field that all releases have, or nothing at all,
// and puts rows whole.
func (tr *trial) change(r *release, put bool) error {
	ctx := context.Background()
	db, err := tr.open()
	if err != nil {
		return err
	}
	o, err := r.open(db, tr.id)
	if err != nil {
		return err
	}
	t, st := r.table(tr.id)
	codec := dynamic.New(describe.Table(st))
	n := slices.IndexFunc(t.fields, func(f *made) bool { return f.name == "n1" })
	add := func(by int32) func(v *dynamic.Row) error {
		return func(v *dynamic.Row) error {
			v.Fields[n] = kind.Int32Of(int32(v.Fields[n].(kind.Value).Int64()) + by)
			return nil
		}
	}
	// Put fills in defaults, which an absent value is not.
	put = put && !slices.ContainsFunc(t.fields, func(f *made) bool { return f.def != "" })
	for _, s := range o.members {
		rows, err := s.Scan().Rows(ctx)
		if err != nil {
			return err
		}
		for _, row := range rows {
			pk := codec.Key(&row)
			if _, err := s.Get(ctx, pk); err != nil {
				return fmt.Errorf("get of a row that the scan shows: %w", err)
			}
			if has, err := s.Has(ctx, pk); err != nil || !has {
				return fmt.Errorf("has of a row that the scan shows: %v, %w", has, err)
			}
			if err := s.Update(ctx, pk, func(*dynamic.Row) error { return nil }); err != nil {
				return fmt.Errorf("an empty update: %w", err)
			}
			if err := s.Update(ctx, pk, add(1)); err != nil && !isCheck(err, t) {
				return fmt.Errorf("an update of another field: %w", err)
			}
			if err := s.Update(ctx, pk, add(-1)); err != nil && !isCheck(err, t) {
				return fmt.Errorf("an update of another field, back: %w", err)
			}
			if put {
				if err := s.Put(ctx, &row); err != nil {
					return fmt.Errorf("put of a row that was read: %w", err)
				}
			}
		}
		if count, err := s.Count(ctx); err != nil || count != len(rows) {
			return fmt.Errorf("a count of %d, %w, of %d rows", count, err, len(rows))
		}
	}
	return nil
}

// isCheck reports whether a table has a rule over the very field that the update
// changes, which may well be what is broken.
func isCheck(err error, t *madeTable) bool { return t.check != "" && errors.Is(err, store.ErrInvalid) }

// Whatever a schema becomes, what plan says of it holds for a database: what it calls
// safe, or a matter of indexes, reads the same and can be written as before; what it
// forbids no database opens with. A program that was made without a look at the lock,
// or from another branch, is refused or reads the same.
func TestEvolution(t *testing.T) {
	n := *evolutions
	seen := map[string]int{}
	for i := range n {
		s := *seed + uint64(i)
		rng := rand.New(rand.NewPCG(s, 1))
		if problem := evolveAtRandom(rng, seen); problem != "" {
			t.Fatalf("history %d (-seed %d): %s", i, s, problem)
		}
	}
	t.Logf("%d histories: %v", n, seen)
	for _, kind := range []string{"safe", "rebuild", "migrate", "forbidden", "lock lost", "branch", "refused"} {
		if seen[kind] < n/300 {
			t.Errorf("%s was met %d times only in %d histories", kind, seen[kind], n)
		}
	}
}

func evolveAtRandom(rng *rand.Rand, seen map[string]int) (problem string) {
	first := publish(newWorld(rng), nil)
	if first == nil {
		return ""
	}
	first.bind()
	tr := &trial{eng: memory.New(), clock: store.NewManualClock(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)), id: first.world.tables[0].id, rng: rng}
	db, err := tr.open()
	if err != nil {
		return fmt.Sprint(err)
	}
	written, err := first.fill(rng, db, tr.id)
	if err != nil {
		return fmt.Sprint("fill: ", err)
	}
	history := []*release{first}
	fail := func(what, problem string) string {
		var b strings.Builder
		fmt.Fprintf(&b, "%s: %s", what, problem)
		for i, r := range history {
			fmt.Fprintf(&b, "\n== release %d, %s\n%s", i, r.class, r.text)
			for _, s := range r.world.sources() {
				fmt.Fprintf(&b, "-- %s --\n%s", s.Name, s.Data)
			}
		}
		return b.String()
	}
	class := evolve.Safe
	order := []evolve.Class{evolve.Safe, evolve.Rebuild, evolve.Migrate, evolve.Forbidden}
	for range 2 {
		r := next(rng, history[len(history)-1], 2)
		if r == nil {
			break
		}
		r.bind()
		history = append(history, r)
		if slices.Index(order, r.class) > slices.Index(order, class) {
			class = r.class
		}
		if table, _ := r.table(tr.id); table == nil {
			return ""
		}
		if rng.IntN(3) == 0 {
			continue // the database skips this release
		}
		seen[string(class)]++
		problem, refused := tr.held(r, written, first)
		switch {
		case class == evolve.Forbidden && refused:
			seen["refused"]++
			return ""
		case class == evolve.Forbidden && len(history) == 2 && problem == "" && len(written) > 0:
			return fail("forbidden", "a database opens all the same, and reads the same")
		case class == evolve.Forbidden || class == evolve.Migrate && refused:
			return ""
		case refused:
			return fail(string(class), "a database refuses it")
		case class == evolve.Migrate:
			if err := tr.change(r, false); err != nil && !errors.Is(err, store.ErrSchema) {
				return fail("migrate", err.Error())
			}
			return ""
		case problem != "":
			return fail(string(class), problem)
		}
		if err := tr.change(r, true); err != nil {
			return fail(string(class), "a change: "+err.Error())
		}
		// Back to the first program: it is refused, or finds all that it wrote.
		if problem, _ := tr.held(first, written, first); problem != "" {
			return fail("back to the first program", problem)
		}
	}
	// A program that was made without the lock, and one of another branch.
	last := history[len(history)-1]
	for what, r := range map[string]*release{"lock lost": publish(last.world.clone(), nil), "branch": next(rng, first, 2)} {
		if r == nil {
			continue
		}
		r.bind()
		// Without its lock, a table that was renamed is another one: no database can tell.
		if table, _ := r.table(tr.id); table == nil || table.check != "" || what == "lock lost" && table.name != "t" {
			continue
		}
		seen[what]++
		if r.class == evolve.Migrate || r.class == evolve.Forbidden {
			continue
		}
		problem, refused := tr.held(r, written, first)
		if problem == "" && !refused {
			if err := tr.change(r, false); err != nil {
				problem = err.Error()
			} else {
				problem, _ = tr.held(first, written, first)
			}
		}
		if problem != "" {
			history = append(history, r)
			return fail(what, problem)
		}
	}
	return ""
}
