package catalog

import (
	"testing"

	"github.com/storegen/storegen/runtime/kind"
)

func TestWritten(t *testing.T) {
	status := Type{Kind: kind.Enum, Name: "Status", Params: kind.Params{Values: []EnumValue{{Name: "new", Number: 1}, {Name: "done", Number: 2}}}}
	table := &Table{Fields: []Field{
		{Name: "a", Type: Type{Kind: kind.Bool}},
		{Name: "s", Type: Type{Kind: kind.String}},
		{Name: "status", Type: status},
		{Name: "d", Type: Type{Kind: kind.Duration}},
		{Name: "list", Type: Type{Kind: kind.List, Elem: &status}},
		{Name: "map", Type: Type{Kind: kind.Map, Elem: &Type{Kind: kind.Decimal, Params: kind.Params{Precision: 4, Scale: 2}}}},
		{Name: "by", Type: Type{Kind: kind.Map, MapKey: &Type{Kind: kind.Uint64}, Elem: &Type{Kind: kind.FixedBytes, Params: kind.Params{Size: 32}}}},
	}}
	a := Expr{Op: True}
	and := func(args ...Expr) Expr { return Expr{Op: And, Args: args} }
	or := func(args ...Expr) Expr { return Expr{Op: Or, Args: args} }
	not := func(e Expr) Expr { return Expr{Op: Not, Args: []Expr{e}} }
	compare := func(op Op, l, r Expr) Expr { return Expr{Op: op, Args: []Expr{l, r}} }
	field := func(i int) Expr { return Expr{Op: FieldOf, Field: i} }
	lit := func(text string) Expr { return Expr{Op: Lit, Lit: text} }
	for _, test := range []struct {
		expr Expr
		want string
	}{
		{a, "a"},
		{not(a), "not a"},
		{not(and(a, a)), "not (a and a)"},
		{not(not(compare(Eq, field(1), lit(`it"s`)))), `not not s == "it\"s"`},
		{and(a, or(a, a), a), "a and (a or a) and a"},
		{and(and(a, a), and(a, a)), "a and a and (a and a)"},
		{or(and(a, a), or(a, a)), "a and a or (a or a)"},
		{Expr{Op: Has, Field: 4}, "has list"},
		{compare(Ne, field(2), lit("2")), "status != done"},
		{compare(Eq, lit("1"), field(2)), "new == status"},
		{compare(Lt, field(3), lit("5400000000000")), "d < 1h30m"},
		{compare(Ge, field(1), field(1)), "s >= s"},
		{compare(Gt, Expr{Op: LenOf, Field: 4}, lit("3")), "len(list) > 3"},
		{compare(Le, Expr{Op: LenOf, Field: 1}, Expr{Op: LenOf, Field: 4}), "len(s) <= len(list)"},
		{compare(Eq, field(3), lit("soon")), `d == "soon"`}, // in a description that is damaged
		{compare(Eq, field(4), lit("x")), `list == "x"`},
	} {
		if got := table.WrittenExpr(&test.expr); got != test.want {
			t.Errorf("%+v is written %s, want %s", test.expr, got, test.want)
		}
	}
	for i, want := range []string{"bool", "string", "Status", "duration", "[]Status", "map[string]decimal(4,2)", "map[uint64]bytes[32]"} {
		if got := table.Fields[i].Type.Written(); got != want {
			t.Errorf("%s is written %s, want %s", table.Fields[i].Name, got, want)
		}
	}
	for _, test := range []struct {
		field int
		def   *Default
		want  string
	}{{0, nil, ""}, {0, &Default{Lit: "true"}, "true"}, {1, &Default{}, `""`}, {2, &Default{Lit: "2"}, "done"}, {3, &Default{Lit: "1"}, "1ns"}, {1, &Default{Now: true}, "now"}, {1, &Default{New: true}, "new"}} {
		f := table.Fields[test.field]
		f.Default = test.def
		if got := f.WrittenDefault(); got != test.want {
			t.Errorf("the default %+v of %s is written %s, want %s", test.def, f.Name, got, test.want)
		}
	}
	ix := &Index{Unique: true, Columns: []Column{{4, Options{Each: true}}, {1, Options{Fold: true, Desc: true}}}, Include: []int{3}, Where: &a}
	if got, want := table.WrittenIndex(ix), "unique on(each list, fold s desc) include(d) where(a)"; got != want {
		t.Errorf("the index is written %s, want %s", got, want)
	}
}
