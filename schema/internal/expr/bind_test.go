package expr_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/internal/schematest"
	"github.com/storegen/storegen/internal/torture/inputs"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/describe"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/load"
)

// exprTable declares the fields that the conditions of these tests name.
const exprTable = `table: t
access: public
key: id
fields:
  id: string
  a: bool
  b: bool?
  c: bool
  n: int64
  m: int64?
  s: string?
  other: string
  list: "[]string"
  d: duration
  small: int8
  port: uint16?
  big: uvarint
  price: decimal(12,2)
  paid: decimal(14,4)?
  status: Status
`

// parseCheck resolves one check of the table of these tests.
func parseCheck(text string) (schema.Expr, error) {
	x, _, err := canonical(text)
	return x, err
}

// canonical also writes it.
func canonical(text string) (schema.Expr, string, error) {
	quoted := "'" + strings.ReplaceAll(text, "'", "''") + "'"
	set, err := load.Parse([]schema.Source{
		{Name: "t.yaml", Data: []byte(exprTable + "check:\n  - " + quoted + "\n")},
		{Name: "types.yaml", Data: []byte("types: {Status: {enum: [new, done]}}\n")},
	}, nil)
	if err != nil {
		return nil, "", err
	}
	x := set.Tables[0].Checks[0].Expr
	return x, describe.Written(set.Tables[0], x), nil
}

func TestExprCanonical(t *testing.T) {
	tests := []struct{ text, want string }{
		{"a", "a"},
		{"not a", "not a"},
		{"not not a", "not not a"},
		{"not (a and b)", "not (a and b)"},
		{"(not a) and b", "not a and b"},
		{"a and b or c", "a and b or c"},
		{"a and (b or c)", "a and (b or c)"},
		{"a or b and c", "a or b and c"},
		{"(a or b) and c", "(a or b) and c"},
		{"a and (b and c)", "a and (b and c)"},
		{"a or (b or c)", "a or (b or c)"},
		{"((a))", "a"},
		{"n==3", "n == 3"},
		{"3 < n", "n > 3"},
		{"3 >= n", "n <= 3"},
		{"n != m", "n != m"},
		{"n == -7", "n == -7"},
		{"has s and has list", "has s and has list"},
		{"len( s )>5", "len(s) > 5"},
		{"5 > len(s)", "len(s) < 5"},
		{"len(s) == len(list)", "len(s) == len(list)"},
		{"s == 'it\\'s'", `s == "it's"`},
		{`s == "tab\tquote\" é"`, `s == "tab\tquote\" é"`},
		{"s == other", "s == other"},
		{"paid <= price", "paid <= price"},                     // decimals have one order, whatever their digits
		{"small<n and m >= small", "small < n and m >= small"}, // and integers, whatever their widths
		{"big != port", "big != port"},
		{"status == done", "status == done"},
		{"done != status", "status != done"},
		{"new < status", "status > new"},
		{"a == false", "a == false"},
		{"true == a", "a == true"},
		{"d < 1h30m", "d < 1h30m"},
		{"d == -1d", "d == -1d"},
		{"  a\n\tand b ", "a and b"},
	}
	for _, test := range tests {
		_, x, err := canonical(test.text)
		if err != nil {
			t.Errorf("%s:\n%v", test.text, err)
			continue
		}
		if x != test.want {
			t.Errorf("%s is %s, want %s", test.text, x, test.want)
		}
		_, again, err := canonical(x)
		if err != nil {
			t.Errorf("%s, which %s became:\n%v", x, test.text, err)
			continue
		}
		if again != x {
			t.Errorf("%s became %s when it was read again", x, again)
		}
	}
}

func TestExprShape(t *testing.T) {
	x, err := parseCheck("not a and 3 < n or status != done or len(s) >= 2 or has m")
	if err != nil {
		t.Fatal(err)
	}
	set, _ := load.Parse([]schema.Source{
		{Name: "t.yaml", Data: []byte(exprTable)},
		{Name: "types.yaml", Data: []byte("types: {Status: {enum: [new, done]}}\n")},
	}, nil)
	field := set.Tables[0].Field
	want := schema.Or{
		L: schema.Or{
			L: schema.Or{
				L: schema.And{
					L: schema.Not{X: schema.BoolField{Field: field("a")}},
					R: schema.Compare{Op: ">", Left: schema.Operand{Field: field("n")}, Right: schema.Operand{Lit: schema.LiteralOf(kind.Int64Of(3))}},
				},
				R: schema.Compare{Op: "!=", Left: schema.Operand{Field: field("status")}, Right: schema.Operand{Lit: &schema.Literal{Enum: set.Type("Status").Values[1]}}},
			},
			R: schema.Compare{Op: ">=", Left: schema.Operand{Field: field("s"), Len: true}, Right: schema.Operand{Lit: schema.LiteralOf(kind.Int64Of(2))}},
		},
		R: schema.Has{Field: field("m")},
	}
	byName := cmp.Comparer(func(a, b *schema.Field) bool { return a == b || a != nil && b != nil && a.Name == b.Name })
	if diff := cmp.Diff(schema.Expr(want), x, byName); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := schematest.FieldNames(schema.ExprFields(x)); got != "a, n, status, s, m" {
		t.Errorf("ExprFields: %s", got)
	}
	if got := schema.ExprFields(nil); got != nil {
		t.Errorf("ExprFields(nil): %v", got)
	}
}

// FuzzExpr: any text is a condition or is refused with a place in it; a condition
// survives being written and read.
func FuzzExpr(tf *testing.F) {
	f := inputs.New(tf)
	for _, seed := range []string{
		"a and not (b or c)", "n == 3 and 4 < m", "has s", "len(s) > 5", `s == "x"`, "status != done", "d < 1h", "((", "a a", "not",
		"len(", "'", "1 2", "é == 3", "n == 1e5", "a\x00", "n == -", "s == '\\x'",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, x, err := canonical(text)
		if err != nil {
			schematest.CheckPositions(t, err.(diag.Diagnostics))
			return
		}
		_, again, err := canonical(x)
		if err != nil {
			t.Fatalf("%q became %q, which is refused:\n%v", text, x, err)
		}
		if again != x {
			t.Fatalf("%q became %q and then %q", text, x, again)
		}
	})
}
