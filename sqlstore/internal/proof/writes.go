package proof

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/ncruces/go-sqlite3"

	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
)

// perProgram is how many statements a program has.
const perProgram = 60

// Written is what programs did.
type Written struct {
	Programs, Statements   int
	Changed                int // statements that changed rows
	Refused                int // statements that failed, on both sides
	Half                   int // of those, some that had changed rows before
	Transactions, Partings int // commits and rollbacks; savepoints that were gone back to
	Verbs                  map[string]int
}

// Programs runs random programs of writes on worlds from a seed on.
func Programs(ctx context.Context, seed uint64, n int, open Opener) (Written, error) {
	total := Written{Verbs: map[string]int{}}
	for ; total.Programs < n; seed++ {
		if err := program(ctx, seed, open, &total); err != nil {
			return total, fmt.Errorf("the program of seed %d: %w", seed, err)
		}
		total.Programs++
	}
	return total, nil
}

// writes makes up statements that write.
type writes struct {
	*gen
	w    *World
	defs []*provider.TableDef
	done []string // the statements so far, for a report
	in   bool     // a transaction
	open []string // savepoints
	seen *Written
}

func program(ctx context.Context, seed uint64, open Opener, seen *Written) error {
	p, err := newWrites(ctx, seed, open, seen)
	if err != nil {
		return err
	}
	for range perProgram {
		if err = p.step(ctx); err != nil {
			break
		}
	}
	if err == nil {
		err = p.end(ctx)
	}
	if closed := p.w.Close(); err == nil {
		err = closed
	}
	var query *Failure
	if err == nil || errors.As(err, &query) {
		return err
	}
	return shrunk(ctx, seed, open, p.done, err)
}

func newWrites(ctx context.Context, seed uint64, open Opener, seen *Written) (*writes, error) {
	w, err := writableWorld(ctx, seed, open)
	if err != nil {
		return nil, err
	}
	p := &writes{gen: &gen{Rand: rand.New(rand.NewPCG(seed, 7)), tables: w.Tables}, w: w, seen: seen}
	for _, t := range w.made {
		p.defs = append(p.defs, provider.New(t).Def())
	}
	return p, nil
}

// end ends the transaction that is open, and looks into the database.
func (p *writes) end(ctx context.Context) error {
	if p.in {
		if err := p.run(ctx, pick(p.Rand, []string{"commit", "rollback"})); err != nil {
			return err
		}
	}
	report, err := admin.Verify(ctx, p.w.DB, admin.VerifyOptions{})
	if err != nil {
		return err
	}
	if report.Findings > 0 || report.Skipped > 0 {
		return fmt.Errorf("the database is broken: %+v", report)
	}
	return nil
}

// shrunk leaves statements out for as long as the rest still fails.
func shrunk(ctx context.Context, seed uint64, open Opener, done []string, err error) error {
	var world string
	fails := func(statements []string) (failed error) {
		p, err := newWrites(ctx, seed, open, &Written{Verbs: map[string]int{}})
		if err != nil {
			return nil
		}
		defer func() {
			if closed := p.w.Close(); failed == nil {
				failed = closed
			}
		}()
		world = p.w.Describe()
		for _, s := range statements {
			if err := p.run(ctx, s); err != nil {
				return err
			}
		}
		return p.end(ctx)
	}
	for i := len(done) - 1; i >= 0; i-- {
		rest := slices.Delete(slices.Clone(done), i, i+1)
		if e := fails(rest); e != nil {
			done, err = rest, e
		}
	}
	return fmt.Errorf("%w\nby\n  %s\n%s", err, strings.Join(done, ";\n  "), world)
}

// writableWorld is a world whose native tables have the rules of the store's. Unique indexes
// are those that SQLite has too.
func writableWorld(ctx context.Context, seed uint64, open Opener) (*World, error) {
	rng := rand.New(rand.NewPCG(seed, 6))
	return build(ctx, open, func(w *World) error {
		w.Writable = true
		for i, name := range []string{"made.one", "made.two"} {
			d := MakeTable(rng, name, int(seed%1000)*2+i)
			for j := range d.Fields {
				d.Fields[j].Hidden = false // SQL cannot write them
			}
			for j := range d.Indexes {
				ix := &d.Indexes[j]
				ix.Unique = chance(rng, 2) && ix.Where == nil
				for _, c := range ix.Columns {
					ix.Unique = ix.Unique && !c.Each && !c.Fold
				}
			}
			p, err := w.table(ctx, d)
			if err != nil {
				return err
			}
			rows, err := fill(ctx, rng, p, pick(rng, []int{0, 10, 30}), func(row []kind.Value) {
				for i, v := range row {
					if (v.Kind() == kind.Float32 || v.Kind() == kind.Float64) && v.Float64() != v.Float64() {
						row[i] = kind.Of(v.Kind()).Zero(nil) // a NaN is NULL in SQL, which unique indexes do not look at
					}
				}
			})
			if err != nil {
				return err
			}
			w.rows = append(w.rows, rows)
		}
		return nil
	})
}

// step makes up a statement, or a query, and runs it on both sides.
func (p *writes) step(ctx context.Context) error {
	p.names, p.subs = 0, 1
	switch n := p.IntN(100); {
	case n < 12:
		return p.parting(ctx)
	case n < 20:
		q := p.query()
		if diff := p.w.differ(q); diff != "" {
			return p.w.fail(q, diff)
		}
		return nil
	}
	at := p.IntN(len(p.w.Tables))
	t, def := p.w.Tables[at], p.defs[at]
	switch n := p.IntN(10); {
	case n < 5:
		return p.insert(ctx, t, def)
	case n < 8:
		return p.update(ctx, t, def)
	}
	s := &scoped{As: t.Name, Columns: t.Columns, Table: t}
	where := " where " + p.text(p.where([]*scoped{s}))
	if chance(p.Rand, 20) {
		where = ""
	}
	return p.run(ctx, "delete from "+t.Name+where)
}

func (p *writes) text(e *Expr) string {
	var w writer
	w.expr(e)
	return w.b.String()
}

// parting begins or ends a transaction or a savepoint.
func (p *writes) parting(ctx context.Context) error {
	name := "s" + strconv.Itoa(p.IntN(4))
	switch n := p.IntN(10); {
	case n < 2 && !p.in:
		return p.run(ctx, "begin")
	case n < 3:
		return p.run(ctx, pick(p.Rand, []string{"commit", "rollback"}))
	case n < 7:
		return p.run(ctx, "savepoint "+name)
	}
	if len(p.open) > 0 && p.IntN(6) > 0 {
		name = pick(p.Rand, p.open)
	}
	return p.run(ctx, pick(p.Rand, []string{"release ", "rollback to ", "rollback to "})+name)
}

// value is what a statement writes into a column.
func (p *writes) value(c *provider.Column) *Expr {
	switch n := p.IntN(40); {
	case n < 2:
		if c.Type.Kind == kind.List {
			break // there NULL is an empty list, and NOT NULL elsewhere
		}
		return lit(nil)
	case n < 3:
		return lit(pick(p.Rand, wrongFor(c)))
	case n < 6:
		return lit(p.other(c, shows(p.made(c))))
	}
	return lit(shows(p.made(c)))
}

func (p *writes) made(c *provider.Column) kind.Value {
	for {
		v := makeColumn(p.Rand, c)
		if v.Kind() != kind.Float32 && v.Kind() != kind.Float64 || v.Float64() == v.Float64() {
			return v
		}
	}
}

// other is a value in another form that SQLite makes the same one of.
func (p *writes) other(c *provider.Column, v Value) Value {
	n, ok := v.(int64)
	switch {
	case c.Kind == kind.String:
		return pick(p.Rand, []Value{int64(5), 1.5, "5"})
	case !ok || c.Kind == kind.Uint64 || c.Kind == kind.Uvarint || n > 1<<53 || n < -1<<53:
		return v
	}
	return pick(p.Rand, []Value{float64(n), strconv.FormatInt(n, 10), " " + strconv.FormatInt(n, 10)})
}

// wrongFor are values that a column refuses.
func wrongFor(c *provider.Column) []Value {
	switch {
	case c.Type.Kind == kind.List:
		return []Value{"{}", "x", []byte("[]")}
	case c.Kind == kind.String:
		return []Value{[]byte("x")}
	case c.Kind == kind.Bytes || c.Kind == kind.FixedBytes:
		return []Value{"x", int64(5), 1.5}
	case c.Kind.Integer():
		return []Value{"x", 1.5, []byte("1"), 1e300, "1x", int64(-1) << 40}[:min(6, 5+kind.Of(c.Kind).Bits%64/8)]
	case c.Kind == kind.Bool, c.Kind == kind.Duration:
		return []Value{"x", 1.5, []byte("1")}
	}
	return []Value{"x", []byte("x")}
}

func (p *writes) insert(ctx context.Context, t *Table, def *provider.TableDef) error {
	verb := pick(p.Rand, []string{"insert", "insert", "insert or ignore", "insert or replace", "replace", "insert or fail", "insert or abort", "insert or rollback"})
	var columns []int
	for i := range def.Columns {
		if !def.Columns[i].Nullable || p.IntN(4) > 0 {
			columns = append(columns, i)
		}
	}
	p.Shuffle(len(columns), func(i, j int) { columns[i], columns[j] = columns[j], columns[i] })
	var names []string
	for _, i := range columns {
		names = append(names, t.Columns[i].Name)
	}
	sql := verb + " into " + t.Name + "(" + strings.Join(names, ", ") + ") "
	if chance(p.Rand, 5) {
		return p.run(ctx, sql+p.selected(t, def, columns))
	}
	var rows []string
	for range 1 + p.IntN(4) {
		var values []string
		for _, i := range columns {
			e := p.value(&def.Columns[i])
			if p.IntN(3) == 0 && len(t.Columns[i].Samples) > 0 { // to meet what is there
				e = lit(pick(p.Rand, t.Columns[i].Samples))
			}
			values = append(values, p.text(e))
		}
		rows = append(rows, "("+strings.Join(values, ", ")+")")
	}
	sql += "values " + strings.Join(rows, ", ")
	if chance(p.Rand, 4) && verb != "insert or ignore" { // SQLite shows ignored rows of virtual tables too
		sql += " returning " + strings.Join(names, ", ")
	}
	return p.run(ctx, sql)
}

// selected is a SELECT of rows of the table itself, with some other values, in one order.
func (p *writes) selected(t *Table, def *provider.TableDef, columns []int) string {
	s := p.scope(t)
	var show, order []string
	for _, i := range columns {
		if chance(p.Rand, 3) {
			show = append(show, p.text(p.value(&def.Columns[i])))
		} else {
			show = append(show, s.ref(i).Text)
		}
	}
	for _, k := range t.Key {
		order = append(order, s.ref(k).Text)
	}
	return "select " + strings.Join(show, ", ") + " from " + t.Name + " as " + s.As + " where " + p.text(p.where([]*scoped{s})) + " order by " + strings.Join(order, ", ")
}

// update changes some columns of some rows. What could meet another row on the way, so that
// the order of the rows would matter, is asked of one row.
func (p *writes) update(ctx context.Context, t *Table, def *provider.TableDef) error {
	s := &scoped{As: t.Name, Columns: t.Columns, Table: t}
	unique := map[int]bool{}
	for i := range def.Paths {
		for _, c := range def.Paths[i].Columns {
			unique[c.Column] = unique[c.Column] || def.Paths[i].Unique
		}
	}
	var set []string
	perm := p.Perm(len(def.Columns))
	meets := false
	for _, i := range perm[:1+p.IntN(min(3, len(perm)))] {
		meets = meets || unique[i]
		e := p.value(&def.Columns[i])
		switch name := t.Columns[i].Name; {
		case def.Columns[i].Kind.Integer() && chance(p.Rand, 3) && def.Columns[i].Kind != kind.Uint64 && def.Columns[i].Kind != kind.Uvarint:
			e = raw("(" + name + " + " + strconv.Itoa(p.IntN(5)-1) + ")")
		case chance(p.Rand, 6):
			other := p.likeColumn([]*scoped{s}, &t.Columns[i])
			if other.Kind == t.Columns[i].Kind && !other.List && !t.Columns[i].List {
				e = raw(other.Name)
			}
		}
		set = append(set, t.Columns[i].Name+" = "+p.text(e))
	}
	verb := pick(p.Rand, []string{"update", "update", "update or ignore", "update or replace", "update or abort", "update or rollback"})
	where := p.text(p.where([]*scoped{s}))
	if meets {
		var key []string
		row := p.row(t)
		if row == nil {
			return nil
		}
		for n, k := range t.Key {
			key = append(key, t.Columns[k].Name+" = "+Literal(row[n]))
		}
		where = strings.Join(key, " and ")
	} else if strings.HasSuffix(verb, "rollback") || strings.HasSuffix(verb, "ignore") {
		verb = "update"
	}
	return p.run(ctx, verb+" "+t.Name+" set "+strings.Join(set, ", ")+" where "+where)
}

// row is the key of a row that is there.
func (p *writes) row(t *Table) []Value {
	var names []string
	for _, k := range t.Key {
		names = append(names, t.Columns[k].Name)
	}
	a := p.w.Native.Run("select " + strings.Join(names, ", ") + " from " + t.Name)
	if len(a.Rows) == 0 {
		return nil
	}
	return pick(p.Rand, a.Rows)
}

// run runs a statement on both sides, and compares what it did and what is there behind it.
func (p *writes) run(ctx context.Context, sql string) error {
	p.done = append(p.done, sql)
	p.seen.Statements++
	verb, _, _ := strings.Cut(sql, " ")
	p.seen.Verbs[verb]++
	returning := strings.Contains(sql, " returning ")
	before := p.w.Native.conn.TotalChanges()
	var want, got Answer
	if returning {
		want, got = p.w.Native.Run(sql), p.w.Ours.rows(ctx, sql)
	} else {
		want.Changes, want.Err = p.w.Native.Do(ctx, sql)
		got.Changes, got.Err = p.w.Ours.Do(ctx, sql)
	}
	switch {
	case (want.Err != nil) != (got.Err != nil):
		return fmt.Errorf("native: error %v\nours: error %v", want.Err, got.Err)
	case want.Err != nil:
		p.seen.Refused++
		if p.w.Native.conn.TotalChanges() > before {
			p.seen.Half++
		}
		if errors.Is(want.Err, sqlite3.CONSTRAINT) != errors.Is(got.Err, sqlite3.CONSTRAINT) {
			return fmt.Errorf("native: error %v\nours: error %v, of another class", want.Err, got.Err)
		}
	case !returning && want.Changes != got.Changes:
		return fmt.Errorf("native changed %d rows, ours %d", want.Changes, got.Changes)
	case returning:
		if diff := sameRows(want, got, false); diff != "" {
			return errors.New(diff)
		}
	}
	if want.Err == nil && want.Changes > 0 {
		p.seen.Changed++
	}
	p.note(sql, want.Err)
	if a, b := p.w.Native.conn.GetAutocommit(), p.w.Ours.conn.GetAutocommit(); a != b {
		return fmt.Errorf("native is in a transaction: %t, ours: %t", !a, !b)
	}
	p.in = !p.w.Native.conn.GetAutocommit()
	for _, t := range p.w.Tables {
		all := "select * from " + t.Name
		if diff := sameRows(p.w.Native.Run(all), p.w.Ours.Run(all), false); diff != "" {
			return fmt.Errorf("%s: %s", t.Name, diff)
		}
	}
	return nil
}

// note keeps in mind which savepoints there are.
func (p *writes) note(sql string, err error) {
	words := strings.Fields(sql)
	switch {
	case err != nil:
	case words[0] == "commit", sql == "rollback":
		p.seen.Transactions++
	case words[0] == "savepoint":
		p.open = append(p.open, words[1])
		return
	case words[0] == "release":
		if i := slices.Index(p.open, words[1]); i >= 0 {
			p.open = p.open[:i]
		}
	case words[0] == "rollback":
		p.seen.Partings++
	}
	if p.w.Native.conn.GetAutocommit() {
		p.open = nil
	}
}
