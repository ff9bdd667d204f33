package templates

import "github.com/dave/jennifer/jen"

// providerFile emits users_provider.go: the table as a query engine sees it.
//
//	func (s *Store) Provider() provider.Table { return provider.Of(&s.table) }
func (t *table) providerFile() *source {
	s := t.file("provider")
	s.Add(doc("Provider is the table as a query engine sees it: columns, access paths, scans and changes. Hidden fields are not in it.",
		"It enforces no access by itself: provider.Secure does, and so does the provider of a store that As returned."))
	s.Func().Params(id("s").Op("*").Add(t.own("Store"))).Id("Provider").Params().Qual(pathProvider, "Table").Add(
		line(jen.Return(jen.Qual(pathProvider, "Of").Call(jen.Op("&").Add(id("s")).Dot("table")))))
	return s
}
