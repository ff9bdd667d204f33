package templates

import (
	"github.com/dave/jennifer/jen"
)

// storeFile emits users_store.go: the store of a table, or of the members of a
// family.
func (t *table) storeFile() *source {
	s := t.file("store")
	s.Add(doc(t.ownName("Store")+" is the table "+t.Name+": the methods of store.Table, and its indexes.",
		"It is a small value, to be copied freely, and may be used from several goroutines unless it is tied to a transaction."))
	s.Type().Add(t.own("Store")).StructFunc(func(b *jen.Group) {
		b.Qual(pathStore, "Table").Types(t.key(), t.row())
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
	s.Line()
	//	func bind(t store.Table[models.UserID, User]) Store {
	//		return Store{Table: t, ByKey: KeyIndex{t.All()}, ByUsername: UsernameIndex{t.Index(0)}}
	//	}
	s.Func().Add(t.own("bind")).Params(id("t").Qual(pathStore, "Table").Types(t.key(), t.row())).Add(t.own("Store")).Block(
		jen.Return(literalOf(t.own("Store"), t.bindings()...)))
	s.Add(doc("In is the store inside a transaction or view."))
	s.Func().Params(id("s").Add(t.own("Store"))).Id("In").Params(id("tx").Op("*").Qual(pathStore, "Tx")).Add(t.own("Store")).Add(
		line(jen.Return(t.own("bind").Call(id("s").Dot("Table").Dot("In").Call(id("tx"))))))
	s.Add(doc("As is the store as a principal may use it: what the principal may not do is store.ErrDenied."))
	s.Func().Params(id("s").Add(t.own("Store"))).Id("As").Params(id("p").Qual(pathAccess, "Principal")).Add(t.own("Store")).Add(
		line(jen.Return(t.own("bind").Call(id("s").Dot("Table").Dot("As").Call(id("p"))))))
	t.keyIndex(s)
	return s
}

func (t *table) bindings() []pair {
	out := []pair{{"Table", id("t")}, {"ByKey", t.own("KeyIndex").Values(id("t").Dot("All").Call())}}
	for i, ix := range t.Indexes {
		out = append(out, pair{"By" + ix.GoName, t.own(ix.GoName + "Index").Values(id("t").Dot("Index").Call(jen.Lit(i)))})
	}
	return out
}

// open emits how the table is opened.
//
//	func Open(ctx context.Context, db *store.DB, opts ...store.TableOption) (Store, error) {
//		t, err := store.OpenTable[models.UserID, User](ctx, db, new(codec), opts...)
//		return bind(t), err
//	}
func (t *table) open(s *source) {
	s.Add(doc(t.ownName("Open") + " opens the table, and gives it a place in the database if it has none. It is a store.SchemaError if the database holds a form of it that does not fit."))
	s.Func().Add(t.own("Open")).Params(id("ctx").Qual("context", "Context"), id("db").Op("*").Qual(pathStore, "DB"),
		id("opts").Op("...").Qual(pathStore, "TableOption")).Params(t.own("Store"), jen.Error()).Block(
		jen.List(id("t"), id("err")).Op(":=").Qual(pathStore, "OpenTable").Types(t.key(), t.row()).Call(id("ctx"), id("db"), jen.New(t.own("codec")), id("opts").Op("...")),
		jen.If(id("err").Op("!=").Nil()).Block(jen.Return(t.own("Store").Values(), id("err"))),
		jen.Return(t.own("bind").Call(id("t")), jen.Nil()))
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
	names := paramNames(goNames, "ctx", "db", "opts", "m", "t", "err")
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
		s.Func().Params(id("m").Add(t.own("Member"))).Id("Check").Params().Error().Block(append(checks, jen.Return(jen.Nil()))...)
	}

	s.Add(doc(t.ownName("Open") + " opens one member of the family, and gives it a place in the database if it has none. Members share no rows; each costs a line of the catalog."))
	s.Func().Add(t.own("Open")).Params(params...).Params(t.own("Store"), jen.Error()).BlockFunc(func(b *jen.Group) {
		b.Id("m").Op(":=").Add(shortOf(t.own("Member"), member...))
		if len(checks) > 0 {
			b.If(id("err").Op(":=").Id("m").Dot("Check").Call(), id("err").Op("!=").Nil()).Block(
				jen.Return(t.own("Store").Values(), jen.Op("&").Qual(pathStore, "Error").Values(
					id("Op").Op(":").Lit("open"), id("Table").Op(":").Lit(t.Name), id("Err").Op(":").Id("err"))))
		}
		b.List(id("t"), id("err")).Op(":=").Qual(pathStore, "OpenMember").Types(t.key(), t.row()).Call(id("ctx"), id("db"), jen.New(t.own("codec")),
			id("m").Dot("key").Call(), id("m").Dot("String").Call(), id("opts").Op("..."))
		b.If(id("err").Op("!=").Nil()).Block(jen.Return(t.own("Store").Values(), id("err")))
		b.Return(t.own("bind").Call(id("t")), jen.Nil())
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
