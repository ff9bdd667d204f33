package templates

import (
	"github.com/dave/jennifer/jen"
)

// storeFile emits users_store.go: the store of a table, or of the members of a
// family, and its queries. Its methods have pointers for receivers and are short:
// they are compiled again for each table, and those of a value twice. Those that say
// by their names what they do share a comment, and a line each is enough for them.
func (t *table) storeFile() *source {
	s := t.file("store")
	s.Add(doc(t.ownName("Store") + " is the table " + t.Name + ", and its indexes. It may be used from several goroutines unless it is tied to a transaction."))
	s.Type().Add(t.own("Store")).StructFunc(func(b *jen.Group) {
		b.Id("table").Qual(pathStore, "Handle")
		b.Add(doc("ByKey is the rows in the order of their keys."))
		b.Id("ByKey").Add(t.own("KeyIndex"))
		for _, ix := range t.Indexes {
			b.Add(doc(indexDoc(t, ix)))
			b.Id("By" + ix.GoName).Add(t.own(ix.GoName + "Index"))
		}
	})
	if len(t.Per) > 0 {
		t.openMember(s)
	} else {
		t.open(s)
	}
	t.ties(s)
	t.rowMethods(s)
	t.manyMethods(s)
	t.queries(s)
	t.keyIndex(s)
	return s
}

// method begins a method of the store.
func (t *table) method(s *source, text, name string) *jen.Statement {
	s.Add(doc(text))
	return s.Func().Params(id("s").Op("*").Add(t.own("Store"))).Id(name)
}

func ctxParam() *jen.Statement { return id("ctx").Qual("context", "Context") }

// ties emits what ties a store to a transaction or a principal, and what tells
// about it.
//
//	func (s *Store) bind(h *store.Handle, tx *store.Tx, p *access.Principal) *Store {
//		h.Bind(tx, p, &s.table, (*store.Run)(&s.ByKey), (*store.Run)(&s.ByUsername))
//		return s
//	}
//
// In and As are small enough to be inlined, so that what takes the store by value,
// as groups do, needs no memory for it; bind must not be inlined into them for it.
func (t *table) ties(s *source) {
	store := func() *jen.Statement { return jen.Op("*").Add(t.own("Store")) }
	s.Line()
	s.Comment("//go:noinline")
	s.Func().Params(id("s").Add(store())).Id("bind").Params(id("h").Op("*").Qual(pathStore, "Handle"), id("tx").Op("*").Qual(pathStore, "Tx"), id("p").Op("*").Qual(pathAccess, "Principal")).Add(store()).Block(
		id("h").Dot("Bind").CallFunc(func(b *jen.Group) {
			b.Id("tx")
			b.Id("p")
			b.Op("&").Id("s").Dot("table")
			b.Add(runOf(jen.Op("&").Id("s").Dot("ByKey")))
			for _, ix := range t.Indexes {
				b.Add(runOf(jen.Op("&").Id("s").Dot("By" + ix.GoName)))
			}
		}),
		jen.Return(id("s")))
	bound := func(tx, p *jen.Statement) jen.Code {
		return line(jen.Return(t.newBound(jen.Op("&").Id("s").Dot("table"), tx, p)))
	}
	t.method(s, "In is the store inside a transaction or view. A store that As returned stays guarded.", "In").
		Params(id("tx").Op("*").Qual(pathStore, "Tx")).Add(store()).Add(bound(id("tx"), jen.Nil()))
	t.method(s, "As is the store as a principal may use it: what the principal may not do is store.ErrDenied, and rows of other users are not seen where rows have owners.", "As").
		Params(id("p").Qual(pathAccess, "Principal")).Add(store()).Add(bound(jen.Nil(), jen.Op("&").Id("p")))

	handle := func() *jen.Statement { return id("s").Dot("table") }
	t.method(s, "Handle is the table without its types, for tools: it tells the name, the description and the database, and what follows who may read the table.", "Handle").
		Params().Op("*").Qual(pathStore, "Handle").Add(line(jen.Return(jen.Op("&").Add(handle()))))
	s.Func().Params(id("s").Add(store())).Id("TableAccess").Params().Qual(pathAccess, "Level").
		Add(line(jen.Return(handle().Dot("TableAccess").Call())))
	s.Func().Params(id("s").Add(store())).Id("CanRead").Params(id("r").Qual(pathAccess, "Role")).Bool().
		Add(line(jen.Return(handle().Dot("CanRead").Call(id("r")))))
	t.method(s, "Check returns a record.InvalidError for a row that breaks a rule of its schema; what writes does this by itself. Defaults are not filled in for it.", "Check").
		Params(id("v").Op("*").Add(t.row())).Error().Add(line(jen.Return(handle().Dot("Check").Call(id("v")))))
}

// newBound is a new store over a handle.
func (t *table) newBound(h, tx, p jen.Code) *jen.Statement {
	return jen.New(t.own("Store")).Dot("bind").Call(h, tx, p)
}

// rowMethods emits what works on one row. What has a key takes a slot, sets the
// key in its row, and leaves the rest to the slot.
func (t *table) rowMethods(s *source) {
	key := func() *jen.Statement { return id("k").Add(t.key()) }
	row := func() *jen.Statement { return id("v").Op("*").Add(t.row()) }
	slot := func(k string) *jen.Statement { return id("s").Dot("slot").Call(id(k)) }

	s.Line()
	s.Comment("//go:noinline")
	s.Func().Params(id("s").Op("*").Add(t.own("Store"))).Id("slot").Params(key()).Op("*").Qual(pathStore, "Slot").Block(
		id("m").Op(":=").Id("s").Dot("table").Dot("Slot").Call(),
		t.own("SetKey").Call(id("m").Dot("Row").Assert(jen.Op("*").Add(t.row())), id("k")),
		jen.Return(id("m")))
	s.Line()
	s.Comment("//go:noinline")
	s.Func().Add(t.own("take")).Params(id("v").Op("*").Add(t.row()), id("m").Op("*").Qual(pathStore, "Slot")).Block(
		jen.If(id("m").Op("!=").Nil()).Block(
			jen.Op("*").Id("v").Op("=").Op("*").Id("m").Dot("Row").Assert(jen.Op("*").Add(t.row())),
			id("m").Dot("Release").Call()))
	t.method(s, "Get returns the row of a key. The error is store.ErrNotFound where there is none or it has expired.", "Get").
		Params(ctxParam(), key()).Params(id("v").Add(t.row()), id("err").Error()).Block(
		t.taken(slot("k").Dot("Get").Call(id("ctx")))...)
	t.method(s, "Has reports whether the row of a key is there.", "Has").
		Params(ctxParam(), key()).Params(jen.Bool(), jen.Error()).Add(line(jen.Return(slot("k").Dot("Has").Call(id("ctx")))))
	t.method(s, "Insert writes a row that must be new: store.ErrExists where its key is there, a store.UniqueError where another row holds one of its unique values, a record.InvalidError where it breaks a rule. Fields that have a default and no value get theirs, in v too.", "Insert").
		Params(ctxParam(), row()).Error().Add(line(jen.Return(id("s").Dot("table").Dot("Insert").Call(id("ctx"), id("v")))))
	t.method(s, "Put writes a row, new or not. Otherwise it is as Insert. Fields of the stored row that this program's schema does not know are kept.", "Put").
		Params(ctxParam(), row()).Error().Add(line(jen.Return(id("s").Dot("table").Dot("Put").Call(id("ctx"), id("v")))))
	t.method(s, "Update reads the row of a key, lets fn change it, and writes it, as one transaction. store.ErrNotFound says that there is none. An error of fn changes nothing and comes back. fn may run more than once, and cannot change the key. It may write other rows by the same transaction; if it writes this one, the update is store.ErrInvalid. The row is valid until fn returns: a copy may be kept, the pointer may not.", "Update").
		Params(ctxParam(), key(), id("fn").Func().Params(row()).Error()).Error().Block(
		jen.Return(slot("k").Dot("Update").Call(id("ctx"), jen.Func().Params(id("row").Any()).Error().Block(
			id("v").Op(":=").Add(t.ofAny()),
			t.own("SetKey").Call(id("v"), id("k")),
			jen.Return(id("fn").Call(id("v")))))))
	t.method(s, "Delete removes the row of a key with all its index entries. It is no error if there is none.", "Delete").
		Params(ctxParam(), key()).Error().Add(line(jen.Return(slot("k").Dot("Delete").Call(id("ctx")))))
}

// taken copies the row of a slot that a call returns, and releases the slot.
//
//	m, err := s.slot(k).Get(ctx)
//	take(&v, m)
//	return v, err
func (t *table) taken(call *jen.Statement) []jen.Code {
	return []jen.Code{
		jen.List(id("m"), id("err")).Op(":=").Add(call),
		t.own("take").Call(jen.Op("&").Id("v"), id("m")),
		jen.Return(id("v"), id("err")),
	}
}

// manyMethods emits what works on several rows.
func (t *table) manyMethods(s *source) {
	rows := func() *jen.Statement { return id("vs").Index().Op("*").Add(t.row()) }
	many := func(insert *jen.Statement) jen.Code {
		return line(jen.Return(id("s").Dot("write").Call(id("ctx"), insert, id("vs"))))
	}
	s.Line()
	s.Comment("//go:noinline")
	s.Func().Params(id("s").Op("*").Add(t.own("Store"))).Id("write").Params(ctxParam(), id("insert").Bool(), rows()).Error().Block(
		jen.Return(id("s").Dot("table").Dot("WriteMany").Call(id("ctx"), id("insert"), jen.Len(id("vs")),
			jen.Func().Params(id("i").Int()).Any().Add(line(jen.Return(id("vs").Index(id("i"))))))))
	t.method(s, "GetMany returns the rows of keys in the same order, nil for those that are not there. All are of one state of the database.", "GetMany").
		Params(ctxParam(), id("ks").Index().Add(t.key())).Params(jen.Index().Op("*").Add(t.row()), jen.Error()).Block(
		jen.List(id("block"), id("out")).Op(":=").List(jen.Make(jen.Index().Add(t.row()), jen.Len(id("ks"))), jen.Make(jen.Index().Op("*").Add(t.row()), jen.Len(id("ks")))),
		id("err").Op(":=").Id("s").Dot("table").Dot("GetMany").Call(id("ctx"), jen.Len(id("ks")), jen.Func().Params(id("i").Int(), id("found").Bool()).Any().Block(
			id("v").Op(":=").Op("&").Id("block").Index(id("i")),
			jen.If(id("found")).Block(id("out").Index(id("i")).Op("=").Id("v")).Else().Block(t.own("SetKey").Call(id("v"), id("ks").Index(id("i")))),
			jen.Return(id("v")))),
		jen.If(id("err").Op("!=").Nil()).Block(jen.Return(jen.Nil(), id("err"))),
		jen.Return(id("out"), jen.Nil()))
	method := func(name string) *jen.Statement { return s.Func().Params(id("s").Op("*").Add(t.own("Store"))).Id(name) }
	t.method(s, "InsertMany inserts rows, and PutMany puts them, in one commit: all or none, outside of a transaction.", "InsertMany").
		Params(ctxParam(), rows()).Error().Add(many(jen.True()))
	method("PutMany").
		Params(ctxParam(), rows()).Error().Add(many(jen.False()))
	t.method(s, "DeleteRange removes the rows from one key up to but not including another, and returns how many there were. Outside of a transaction many are removed in several commits, as by the Delete of a query.", "DeleteRange").
		Params(ctxParam(), id("from"), id("to").Add(t.key())).Params(jen.Int(), jen.Error()).Block(
		jen.Return(id("s").Dot("table").Dot("DeleteRange").Call(id("ctx"), id("s").Dot("slot").Call(id("from")), id("s").Dot("slot").Call(id("to")))))
	t.method(s, "Count returns the number of rows, by a scan over all of them; Scan is the whole table, in the order of its keys, and ScanAll all its rows, for a store.EntityStore.", "Count").
		Params(ctxParam()).Params(jen.Int(), jen.Error()).Add(line(jen.Return(id("s").Dot("Scan").Call().Dot("Count").Call(id("ctx")))))
	method("Scan").
		Params().Op("*").Add(t.own("Query")).Add(line(jen.Return(id("s").Dot("ByKey").Dot("Scan").Call())))
	method("ScanAll").
		Params(ctxParam()).Qual("iter", "Seq2").Types(t.row(), jen.Error()).Add(line(jen.Return(id("s").Dot("Scan").Call().Dot("All").Call(id("ctx")))))
}

// open emits how the table is opened.
//
//	func Open(ctx context.Context, db *store.DB, opts ...store.TableOption) (*Store, error) {
//		h, err := store.OpenTable(ctx, db, new(codec), opts...)
//		if err != nil {
//			return nil, err
//		}
//		return new(Store).bind(&h, nil, nil), nil
//	}
func (t *table) open(s *source) {
	s.Add(doc(t.ownName("Open") + " opens the table, and gives it a place in the database if it has none. It is a store.SchemaError if the database holds a form of it that does not fit."))
	s.Func().Add(t.own("Open")).Params(id("ctx").Qual("context", "Context"), id("db").Op("*").Qual(pathStore, "DB"),
		id("opts").Op("...").Qual(pathStore, "TableOption")).Params(jen.Op("*").Add(t.own("Store")), jen.Error()).Block(
		t.opened(jen.Qual(pathStore, "OpenTable").Call(id("ctx"), id("db"), jen.New(t.own("codec")), id("opts").Op("...")))...)
}

// opened makes a store of the handle that a call gives.
func (t *table) opened(call *jen.Statement) []jen.Code {
	return []jen.Code{
		jen.List(id("h"), id("err")).Op(":=").Add(call),
		jen.If(id("err").Op("!=").Nil()).Block(jen.Return(jen.Nil(), id("err"))),
		jen.Return(t.newBound(jen.Op("&").Id("h"), jen.Nil(), jen.Nil()), jen.Nil()),
	}
}

// openMember emits how a member of a family is opened, and how all are listed.
func (t *table) openMember(s *source) {
	s.Add(doc(t.ownName("Member") + " tells the members of the family " + t.Name + " apart."))
	s.Type().Add(t.own("Member")).StructFunc(func(b *jen.Group) {
		for _, f := range t.Per {
			if f.Doc != "" {
				b.Add(doc(f.Doc))
			}
			b.Id(f.GoName).Add(t.goType(f.Type)).Tag(map[string]string{"json": f.Name})
		}
	})
	params := []jen.Code{id("ctx").Qual("context", "Context"), id("db").Op("*").Qual(pathStore, "DB")}
	var goNames []string
	for _, f := range t.Per {
		goNames = append(goNames, f.GoName)
	}
	names := paramNames(goNames, "ctx", "db", "opts", "m", "h", "err")
	var member []pair
	var parts []leaf
	for i, f := range t.Per {
		params = append(params, id(names[i]).Add(t.goType(f.Type)))
		member = append(member, pair{f.GoName, id(names[i])})
		parts = append(parts, leaves(id("m").Dot(f.GoName), f.Type)...)
	}
	params = append(params, id("opts").Op("...").Qual(pathStore, "TableOption"))

	checks := t.checks(id("m"), t.Per)
	if len(checks) > 0 {
		s.Add(doc("Check returns an error for parts that are beyond their limits."))
		s.Func().Params(id("m").Add(t.own("Member"))).Id("Check").Params().Error().Block(checkBody(checks)...)
	}

	s.Add(doc(t.ownName("Open") + " opens one member of the family, and gives it a place in the database if it has none. Members share no rows; each costs a line of the catalog."))
	s.Func().Add(t.own("Open")).Params(params...).Params(jen.Op("*").Add(t.own("Store")), jen.Error()).BlockFunc(func(b *jen.Group) {
		b.Id("m").Op(":=").Add(shortOf(t.own("Member"), member...))
		invalid := jen.Nil()
		if len(checks) > 0 {
			invalid = id("m").Dot("Check").Call()
		}
		for _, c := range t.opened(jen.Qual(pathStore, "OpenMember").Call(id("ctx"), id("db"), jen.New(t.own("codec")),
			id("m").Dot("key").Call(), id("m").Dot("String").Call(), invalid, id("opts").Op("..."))) {
			b.Add(c)
		}
	})

	s.Add(doc("String returns the parts joined by slashes; a slash within a part is %2F."))
	s.Func().Params(id("m").Add(t.own("Member"))).Id("String").Params().String().Block(
		jen.Return(jen.Qual(pathKeys, "JoinText").CallFunc(func(b *jen.Group) {
			for _, l := range parts {
				b.Add(t.leafText(l))
			}
		})))

	s.Line()
	s.Func().Params(id("m").Add(t.own("Member"))).Id("key").Params().Index().Byte().BlockFunc(func(b *jen.Group) {
		b.Var().Id("dst").Index().Byte()
		for _, l := range parts {
			b.Id("dst").Op("=").Add(t.appendLeaf(id("dst"), l))
		}
		b.Return(id("dst"))
	})
	s.Line()

	s.Add(doc(t.ownName("Members") + " lists the members of the family that the database has, in order."))
	s.Func().Add(t.own("Members")).Params(id("ctx").Qual("context", "Context"), id("db").Op("*").Qual(pathStore, "DB")).
		Params(jen.Index().Add(t.own("Member")), jen.Error()).BlockFunc(func(b *jen.Group) {
		b.List(id("found"), id("err")).Op(":=").Id("db").Dot("Members").Call(id("ctx"), t.own("Desc"))
		b.If(id("err").Op("!=").Nil()).Block(jen.Return(jen.Nil(), id("err")))
		b.Id("members").Op(":=").Make(jen.Index().Add(t.own("Member")), jen.Len(id("found")))
		b.For(jen.List(id("i"), id("key")).Op(":=").Range().Id("found")).BlockFunc(func(b *jen.Group) {
			b.If(id("err").Op(":=").Id("members").Index(id("i")).Dot("decode").Call(id("key")), id("err").Op("!=").Nil()).Block(
				jen.Return(jen.Nil(), id("err")))
		})
		b.Return(id("members"), jen.Nil())
	})

	s.Line()
	s.Func().Params(id("m").Op("*").Add(t.own("Member"))).Id("decode").Params(id("b").Index().Byte()).Error().BlockFunc(func(b *jen.Group) {
		b.Id("r").Op(":=").Qual(pathKeys, "NewReader").Call(id("b"))
		for _, l := range parts {
			b.Add(t.setLeaf(l))
		}
		b.Return(id("r").Dot("Done").Call())
	})
	s.Line()
}
