package templates

import "github.com/dave/jennifer/jen"

// queries emits the type of a table's queries. It is a run of rows by another
// name, which pointers are converted to for nothing, and its methods say what types
// the rows and keys have.
func (t *table) queries(s *source) {
	query := t.ownName("Query")
	s.Add(doc(query + " is a run of rows of " + t.Name + ", in the order of the key or of an index. It is not changed: each method that narrows it returns another one. It may be run any number of times, and what it reads is of one state of the database."))
	s.Type().Id(query).Qual(pathStore, "Run")
	t.queryMethods(s, query)
	t.queryHelpers(s)
}

// queryDocs say what the methods of a query do, and those that follow without.
var queryDocs = map[string]string{
	"Limit":  "ends the query after n rows that match, 0 is no limit; Reverse turns the order around.",
	"Filter": "keeps only rows for which keep returns true; all rows of the run are read for it. It comes before a limit, and several add up. The row is valid during the call only: a copy may be kept.",
	"All":    "returns the rows. An error ends them: it comes with a zero row, as the last pair.",
	"Each":   "calls visit with each row, until it returns an error, which comes back. The row is valid during the call only: a copy may be kept, and what it points to stays. That copy is what it saves beside All.",
	"Rows":   "returns the rows as a slice.",
	"Keys":   "returns the keys of the rows. An index is not left for it: rows are read only for a filter.",
	"Count":  "returns the number of rows; in an index over the elements of a list, the number of entries.",
	"First":  "returns the first row, and Last the last, or store.ErrNotFound.",
	"Page":   "returns up to n rows from a cursor on; \"\" is the beginning. Rows that are written meanwhile show or not as they lie ahead of the place or behind it; none that stays put comes twice or is missed. The query's limit is one for all its pages. A cursor of another index, order, schema or value of a fixed column is store.ErrStaleCursor.",
	"Delete": "removes the rows and returns how many there were. Outside of a transaction many are removed in several commits, of up to 5,000 rows each: the number that comes with an error is of those that are gone.",
}

// queryMethods emits the methods of a query for a type that is a store.Run: of the
// queries themselves, and of those that have more methods. Embedding would be
// shorter, but what embeds is no Run, which to convert costs an allocation.
func (t *table) queryMethods(s *source, name string) {
	query := t.ownName("Query")
	run := func() *jen.Statement { return runOf(id("q")) }
	own := func() *jen.Statement {
		if name == query {
			return id("q")
		}
		return pointerTo(query).Call(id("q"))
	}
	method := func(m string) *jen.Statement {
		if text := queryDocs[m]; name == query && text != "" {
			s.Add(doc(m + " " + text))
		}
		return s.Func().Params(receiver(name)).Id(m)
	}
	if name != query {
		s.Add(doc("Query is the run as a " + query + "; what follows are the methods of that."))
		s.Func().Params(receiver(name)).Id("Query").Params().Op("*").Id(query).Add(line(jen.Return(own())))
	}
	method("Limit").Params(id("n").Int()).Op("*").Id(name).Add(line(jen.Return(pointerTo(name).Call(run().Dot("Limit").Call(id("n"))))))
	method("Reverse").Params().Op("*").Id(name).Add(line(jen.Return(pointerTo(name).Call(run().Dot("Reverse").Call()))))
	//	return (*Query)((*store.Run)(q).Filter(func(row any) bool { return keep(row.(*User)) }))
	filtered := own().Dot("Filter").Call(id("keep"))
	if name == query {
		filtered = pointerTo(query).Call(run().Dot("Filter").Call(jen.Func().Params(id("row").Any()).Bool().Add(line(jen.Return(id("keep").Call(t.ofAny()))))))
	}
	method("Filter").Params(id("keep").Func().Params(id("v").Op("*").Add(t.row())).Bool()).Op("*").Id(query).Add(line(jen.Return(filtered)))
	method("All").Params(ctxParam()).Qual("iter", "Seq2").Types(t.row(), jen.Error()).Add(line(
		jen.Return(jen.Func().Params(t.yield(t.row())).Add(line(own().Dot("each").Call(id("ctx"), id("yield")))))))
	//	return (*store.Run)(q).Each(ctx, func(row any) error { return visit(row.(*User)) })
	each := own().Dot("Each").Call(id("ctx"), id("visit"))
	if name == query {
		each = run().Dot("Each").Call(id("ctx"), jen.Func().Params(id("row").Any()).Error().Add(line(jen.Return(id("visit").Call(t.ofAny())))))
	}
	method("Each").Params(ctxParam(), id("visit").Func().Params(id("v").Op("*").Add(t.row())).Error()).Error().Add(line(jen.Return(each)))
	rows := []jen.Code{
		jen.List(id("rows"), id("_"), id("err")).Op(":=").Add(own()).Dot("collect").Call(id("ctx"), jen.Qual(pathStore, "Unpaged"), jen.Lit("")),
		jen.Return(id("rows"), id("err")),
	}
	if name != query {
		rows = []jen.Code{jen.Return(own().Dot("Rows").Call(id("ctx")))}
	}
	method("Rows").Params(ctxParam()).Params(jen.Index().Add(t.row()), jen.Error()).Add(block(rows))
	method("Keys").Params(ctxParam()).Qual("iter", "Seq2").Types(t.key(), jen.Error()).Add(line(
		jen.Return(jen.Func().Params(t.yield(t.key())).Add(line(own().Dot("eachKey").Call(id("ctx"), id("yield")))))))
	method("Count").Params(ctxParam()).Params(jen.Int(), jen.Error()).Add(line(jen.Return(run().Dot("Count").Call(id("ctx")))))
	found := func() *jen.Statement { return jen.Params(id("v").Add(t.row()), id("err").Error()) }
	method("First").Params(ctxParam()).Add(found()).Block(t.taken(run().Dot("First").Call(id("ctx")))...)
	method("Last").Params(ctxParam()).Add(found()).Block(t.taken(run().Dot("Reverse").Call().Dot("First").Call(id("ctx")))...)
	page := func() *jen.Statement { return jen.Qual(pathStore, "Page").Types(t.row()) }
	cursor := func() *jen.Statement { return jen.Qual(pathStore, "Cursor").Types(t.row()) }
	paged := []jen.Code{
		jen.List(id("rows"), id("next"), id("err")).Op(":=").Add(own()).Dot("collect").Call(id("ctx"), id("n"), jen.String().Call(id("from"))),
		jen.If(id("err").Op("!=").Nil()).Block(jen.Return(page().Values(), id("err"))),
		jen.Return(page().Values(id("Rows").Op(":").Id("rows"), id("Next").Op(":").Add(cursor()).Call(id("next"))), jen.Nil()),
	}
	if name != query {
		paged = []jen.Code{jen.Return(own().Dot("Page").Call(id("ctx"), id("n"), id("from")))}
	}
	method("Page").Params(ctxParam(), id("n").Int(), id("from").Add(cursor())).Params(page(), jen.Error()).Add(block(paged))
	method("Delete").Params(ctxParam()).Params(jen.Int(), jen.Error()).Add(line(jen.Return(run().Dot("Delete").Call(id("ctx")))))
}

// queryHelpers emits what several methods of queries share.
func (t *table) queryHelpers(s *source) {
	method := func(name string) *jen.Statement {
		s.Line()
		return s.Func().Params(id("q").Op("*").Add(t.own("Query"))).Id(name)
	}
	row := func() *jen.Statement { return jen.Op("*").Add(t.ofAny()) }
	// if err := (*store.Run)(q).Rows(ctx, func(row any) bool { return yield(*row.(*User), nil) }); err != nil {
	//	yield(User{}, err)
	// }
	walk := func(name string, give *jen.Statement, end ...jen.Code) jen.Code {
		return jen.If(id("err").Op(":=").Add(runOf(id("q"))).Dot(name).Call(id("ctx"),
			jen.Func().Params(id("row").Any()).Bool().Add(line(jen.Return(id("yield").Call(give, jen.Nil()))))),
			id("err").Op("!=").Nil()).Block(end...)
	}
	method("each").Params(ctxParam(), t.yield(t.row())).Block(
		walk("Rows", row(), id("yield").Call(t.row().Values(), id("err"))))
	method("eachKey").Params(ctxParam(), t.yield(t.key())).Block(
		walk("Keys", t.own("KeyOf").Call(t.ofAny()), jen.Var().Id("k").Add(t.key()), id("yield").Call(id("k"), id("err"))))
	method("collect").Params(ctxParam(), id("n").Int(), id("from").String()).
		Params(id("rows").Index().Add(t.row()), id("next").String(), id("err").Error()).Block(
		jen.If(id("n").Op(">").Lit(0)).Block(
			id("rows").Op("=").Make(jen.Index().Add(t.row()), jen.Lit(0), jen.Min(id("n"), jen.Qual(pathStore, "MostAhead")))),
		jen.List(id("next"), id("err")).Op("=").Add(runOf(id("q"))).Dot("Page").Call(id("ctx"), id("n"), id("from"),
			jen.Func().Params(id("row").Any()).Add(line(id("rows").Op("=").Append(id("rows"), row())))),
		jen.Return(id("rows"), id("next"), id("err")))
}

// yield is the parameter of a sequence of values and errors.
func (t *table) yield(typ *jen.Statement) *jen.Statement {
	return id("yield").Func().Params(typ, jen.Error()).Bool()
}

// pointerTo is the type of a pointer, to convert to.
func pointerTo(name string) *jen.Statement { return jen.Parens(jen.Op("*").Id(name)) }

// runOf is a query as the run that it is.
func runOf(q *jen.Statement) *jen.Statement {
	return jen.Parens(jen.Op("*").Qual(pathStore, "Run")).Call(q)
}
