package templates

import (
	"strconv"
	"strings"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
)

// addBroken emits a rule that a value has to meet: a function of package record that
// returns an error for one that does not.
func addBroken(rule string, args ...string) string {
	return call("broken.Add", call("record."+rule, args...))
}

// checks emits the limits of fields: those of lengths, that enums are set, that
// JSON is JSON, and those within structs and lists.
func (g *generator) checks(v string, fields []*schema.Field) string {
	var out []string
	for _, f := range fields {
		x := v + "." + f.GoName
		present := value(x, f)
		if isPointer(f) && f.Type.Kind == kind.Struct {
			present = x // methods take a pointer as well
		}
		check := g.checkValue(f.Name, f.Type, present, f.Min, f.Max)
		switch {
		case byPointer(f.Type) && f.Optional:
			check = g.checkAt(f.Name, f.Type, x, f.Min, f.Max)
		case byPointer(f.Type):
			check = g.checkField(x, f)
		}
		if check != "" && f.Optional && (isPointer(f) || f.Type.Kind != kind.JSON) {
			check = ifThen(x+" != nil", check)
		}
		out = append(out, check, g.checkDefault(x, f))
	}
	return lines(out...)
}

// checkValue emits the limits of one value, or returns "" if it has none. least and
// most are the limits of its field, which hold beside those of its type.
func (g *generator) checkValue(name string, t *schema.Type, x string, least, most int) string {
	if byPointer(t) {
		return "" // checkAt does
	}
	least, most = tighter(t, least, most)
	quoted := strconv.Quote(name)
	if t.Kind.Text() && (least > 0 || most > 0) {
		return addBroken("Length", quoted, call("len", x), strconv.Itoa(least), strconv.Itoa(most))
	}
	if check := rowOf(t).Gen.Check; check != "" {
		return call("broken.Add", g.gen(t, strings.ReplaceAll(check, "$name", quoted), g.bare(t, x)))
	}
	switch t.Kind {
	case kind.Enum:
		return addBroken("EnumSet", quoted, g.plain(t, x))
	case kind.JSON:
		return addBroken("ValidJSON", quoted, g.bare(t, x))
	case kind.Struct:
		if g.checksAnything(t) {
			return addBroken("In", quoted, x+".Check()")
		}
	case kind.List:
		if t.Pointers {
			return forEach("_, x", x, g.checkPointer(name, t.Elem))
		}
		if byPointer(t.Elem) {
			return forEach("i", x, g.checkAt(name, t.Elem, "&"+x+"[i]", 0, 0))
		}
		return forEach("_, x", elements(t, x), g.checkValue(name, t.Elem, "x", 0, 0))
	case kind.Map:
		key := g.checkValue(name, t.MapKey, "k", 0, 0)
		elem := g.checkValue(name, t.Elem, "x", 0, 0)
		switch {
		case t.Pointers:
			elem = g.checkPointer(name, t.Elem)
		case byPointer(t.Elem):
			elem = g.checkAt(name, t.Elem, "&x", 0, 0)
		}
		switch {
		case t.MapKey.Marshalled():
			keys := addBroken("ValidTextKeys", quoted, x, strconv.Itoa(t.MapKey.Min), strconv.Itoa(t.MapKey.Max))
			return lines(keys, forEach("_, x", x, elem))
		case key != "" && elem != "":
			return forEach("k, x", x, lines(key, elem))
		case key != "":
			return forEach("k", x, key)
		}
		return forEach("_, x", x, elem)
	}
	return ""
}

// checkPointer emits the rules of an element x that is a pointer: nil is none.
func (g *generator) checkPointer(name string, elem *schema.Type) string {
	check := ""
	switch {
	case byPointer(elem):
		check = g.checkAt(name, elem, "x", 0, 0)
	case g.checksAnything(elem):
		check = addBroken("In", strconv.Quote(name), "x.Check()")
	}
	set := addBroken("PointerSet", strconv.Quote(name), "x != nil")
	if check == "" {
		return set
	}
	return lines(set, ifThen("x != nil", check))
}

// forEach is a loop over a list or map, unless there is nothing to do in it.
func forEach(vars, x, what string) string {
	if what == "" {
		return ""
	}
	return "for " + vars + " := range " + x + " " + block(what)
}

// tighter are the limits of a field together with those of its type.
func tighter(t *schema.Type, least, most int) (int, int) {
	if t.Kind != kind.List && t.Kind != kind.Map {
		least = max(least, t.Min)
		if most == 0 || t.Max > 0 && t.Max < most {
			most = t.Max
		}
	}
	return least, most
}

// checksAnything reports whether a struct has limits.
func (g *generator) checksAnything(t *schema.Type) bool { return g.checks("v", t.Fields) != "" }

// rules emits the check rules of a table.
func (g *generator) rules(v string, checks []*schema.Check) string {
	var out []string
	for _, c := range checks {
		out = append(out, ifThen(g.condition(v, schema.Not{X: c.Expr}).text,
			addBroken("Invalid", `""`, strconv.Quote(ruleText(c)))))
	}
	return lines(out...)
}

// ruleText is a rule in an error message: what it is, and why it holds.
//
//	breaks the check "status != completed or has started_at": What is completed was started
func ruleText(c *schema.Check) string {
	text := "breaks the check " + strconv.Quote(strings.Join(strings.Fields(c.Text), " "))
	if why := strings.TrimRight(strings.Join(strings.Fields(c.Doc), " "), ".:"); why != "" {
		return text + ": " + why
	}
	return text
}
