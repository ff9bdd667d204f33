package templates

import (
	"path"
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"
	"github.com/storegen/storegen/schema"
)

// groupNames are the variables and packages in the file of a group: a table of
// that name is imported under another.
var groupNames = []string{"access", "context", "ctx", "db", "err", "fn", "g", "opts", "p", "s", "store", "tx"}

// groupFile emits system/system_group.go, which ties the tables of a group to one DB
// and one Tx. Families are opened by their members, so they have no field.
func (g *generator) groupFile(group *schema.Group) ([]File, error) {
	dir, prefix := group.Name, ""
	if g.one {
		dir, prefix = "", schema.GoName(group.Name)
	}
	dbName, txName, groupName, openName := prefix+"DB", prefix+"Tx", prefix+"Group", "Open"+prefix
	s := g.newSource(path.Join(dir, group.Name+"_group.go"), path.Join(g.base, dir))
	if !g.one {
		s.PackageComment("// Package " + group.Name + " ties the tables of the group " + group.Name + " together: one DB to open, one Tx for all of them.")
	}
	var tables []*schema.Table
	for _, t := range group.Tables {
		if len(t.Per) == 0 {
			tables = append(tables, t)
		}
	}
	pkg := func(t *schema.Table) string { return path.Join(g.base, g.tablePath(t)) }
	of := func(t *schema.Table, name string) *jen.Statement {
		return jen.Qual(pkg(t), (&table{generator: g, Table: t}).ownName(name))
	}
	storeField := func(b *jen.Group) {
		for _, t := range tables {
			if t.Doc != "" {
				b.Add(doc(strings.SplitN(t.Doc, "\n\n", 2)[0]))
			}
			b.Id(t.GoName).Add(of(t, "Store"))
		}
	}
	for _, t := range tables {
		switch {
		case g.one:
		case slices.Contains(groupNames, t.Pkg):
			s.ImportAlias(pkg(t), t.Pkg+"table")
		default:
			s.ImportName(pkg(t), t.Pkg)
		}
	}

	s.Add(doc(dbName + " is the group's tables over a database. It may be used from several goroutines."))
	s.Type().Id(dbName).StructFunc(func(b *jen.Group) {
		b.Op("*").Qual(pathStore, "DB")
		storeField(b)
	})
	s.Add(doc(txName + " is the group's tables inside a transaction or view."))
	s.Type().Id(txName).StructFunc(func(b *jen.Group) {
		b.Op("*").Qual(pathStore, "Tx")
		storeField(b)
	})

	s.Add(doc(groupName + " is what " + dbName + " does, for code that can be given another one. The way to test it is a " + dbName + " over the engine in memory; see package storetest."))
	s.Type().Id(groupName).Interface(
		id("Update").Params(id("ctx").Qual("context", "Context"), id("fn").Func().Params(id("tx").Op("*").Id(txName)).Error(),
			id("opts").Op("...").Qual(pathStore, "TxOption")).Error(),
		id("View").Params(id("ctx").Qual("context", "Context"), id("fn").Func().Params(id("tx").Op("*").Id(txName)).Error()).Error())
	s.Line()
	s.Var().Id("_").Id(groupName).Op("=").Parens(jen.Op("*").Id(dbName)).Parens(jen.Nil())

	s.Add(doc(openName + " opens the tables, and gives those a place in the database that have none, all in one commit."))
	s.Func().Id(openName).Params(id("ctx").Qual("context", "Context"), id("db").Op("*").Qual(pathStore, "DB")).
		Params(jen.Op("*").Id(dbName), jen.Error()).BlockFunc(func(b *jen.Group) {
		if len(tables) > 0 {
			b.If(id("err").Op(":=").Id("db").Dot("Define").CallFunc(func(b *jen.Group) {
				b.Id("ctx")
				for _, t := range tables {
					b.Add(of(t, "Desc"))
				}
			}), id("err").Op("!=").Nil()).Block(jen.Return(jen.Nil(), id("err")))
		}
		b.Id("g").Op(":=").Op("&").Id(dbName).Values(id("DB").Op(":").Id("db"))
		for _, t := range tables {
			b.If(jen.List(id("s"), id("err")).Op(":=").Add(of(t, "Open")).Call(id("ctx"), id("db")), id("err").Op("!=").Nil()).
				Block(jen.Return(jen.Nil(), id("err"))).Else().Block(id("g").Dot(t.GoName).Op("=").Op("*").Id("s"))
		}
		b.Return(id("g"), jen.Nil())
	})

	s.Add(doc("In is the tables inside a transaction or view, which may hold tables of other groups too."))
	s.Func().Params(id("db").Op("*").Id(dbName)).Id("In").Params(id("tx").Op("*").Qual(pathStore, "Tx")).Op("*").Id(txName).Block(
		jen.Return(literalOf(jen.Op("&").Id(txName), bound(tables, "tx", "In")...)))

	s.Add(doc("As is the tables as a principal may use them: what the principal may not do is store.ErrDenied."))
	s.Func().Params(id("db").Op("*").Id(dbName)).Id("As").Params(id("p").Qual(pathAccess, "Principal")).Op("*").Id(dbName).Block(
		jen.Return(literalOf(jen.Op("&").Id(dbName), bound(tables, "p", "As")...)))

	s.Add(doc("Update runs fn in a serializable transaction and commits, unless fn returns an error. It is run again after a conflict, so it must have no effect outside of the transaction."))
	s.Func().Params(id("db").Op("*").Id(dbName)).Id("Update").Params(id("ctx").Qual("context", "Context"),
		id("fn").Func().Params(id("tx").Op("*").Id(txName)).Error(), id("opts").Op("...").Qual(pathStore, "TxOption")).Error().Block(
		jen.Return(id("db").Dot("DB").Dot("Update").Call(id("ctx"), runIn(), id("opts").Op("..."))))
	s.Add(doc("View runs fn with a view of one snapshot. Writes in it are store.ErrReadOnly."))
	s.Func().Params(id("db").Op("*").Id(dbName)).Id("View").Params(id("ctx").Qual("context", "Context"),
		id("fn").Func().Params(id("tx").Op("*").Id(txName)).Error()).Error().Block(
		jen.Return(id("db").Dot("DB").Dot("View").Call(id("ctx"), runIn())))
	return renderAll(s)
}

// func(tx *store.Tx) error { return fn(db.In(tx)) }
func runIn() *jen.Statement {
	return jen.Func().Params(id("tx").Op("*").Qual(pathStore, "Tx")).Error().Block(
		jen.Return(id("fn").Call(id("db").Dot("In").Call(id("tx")))))
}

// bound is the tables of db, each tied to something by a method.
func bound(tables []*schema.Table, to, method string) []pair {
	first := pair{"Tx", id(to)}
	if method == "As" {
		first = pair{"DB", id("db").Dot("DB")}
	}
	out := []pair{first}
	for _, t := range tables {
		out = append(out, pair{t.GoName, jen.Op("*").Id("db").Dot(t.GoName).Dot(method).Call(id(to))})
	}
	return out
}
