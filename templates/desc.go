package templates

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/describe"
)

// This file prints descriptions, as package describe makes them, as Go.

// descOf is the variable that describes a named enum or struct.
func descOf(t *schema.Type) string { return descNamed(t.Name) }

func descNamed(name string) string { return "DescOf" + name }

// tableDesc is the description of a table.
func tableDesc(t *schema.Table) string {
	return describer{}.of(reflect.ValueOf(describe.Table(t)), true)
}

// typeDesc is the description of a named enum or struct.
func typeDesc(t *schema.Type) string {
	return describer{whole: t.Name}.of(reflect.ValueOf(describe.Type(t)), true)
}

// A describer prints descriptions as composite literals. Fields that have their zero value
// are left out.
type describer struct {
	whole string // the named type that is printed itself; of others, the variable is named
}

// of prints a value. open says that there is a line for each field.
func (l describer) of(v reflect.Value, open bool) string {
	switch x := v.Interface().(type) {
	case catalog.Type:
		if x.Name != "" && x.Name != l.whole && (x.Kind == kind.Enum || x.Kind == kind.Struct) {
			return "models." + descNamed(x.Name)
		}
	case kind.Kind:
		return "kind." + x.Ident()
	case access.Level:
		return "access." + levelIdents[x]
	case catalog.Form:
		return "catalog." + formIdents[x]
	case catalog.Op:
		return "catalog." + opIdents[x]
	case time.Duration:
		return durationOf(x)
	}
	switch v.Kind() {
	case reflect.Pointer:
		return "&" + l.of(v.Elem(), open)
	case reflect.Struct:
		return descTypeName(v.Type()) + l.fields(v, open)
	case reflect.Slice:
		return l.slice(v, open)
	case reflect.String:
		return strconv.Quote(v.String())
	}
	return fmt.Sprint(v)
}

// fields are those of a struct, in braces.
func (l describer) fields(v reflect.Value, open bool) string {
	var items []string
	for i := range v.NumField() {
		if x := v.Field(i); !x.IsZero() {
			items = append(items, v.Type().Field(i).Name+": "+l.of(x, open))
		}
	}
	return braces(items, open)
}

// slice prints a list: one of what has fields of its own has a line for each element, if
// the struct that it is in has one for each field.
func (l describer) slice(v reflect.Value, open bool) string {
	elem := v.Type().Elem()
	open = open && elem.Kind() == reflect.Struct
	var items []string
	for i := range v.Len() {
		if x := v.Index(i); elem.Kind() == reflect.Struct {
			items = append(items, l.fields(x, false))
		} else {
			items = append(items, l.of(x, false))
		}
	}
	return "[]" + descTypeName(elem) + braces(items, open)
}

// braces are items in braces, each on a line of its own if open.
func braces(items []string, open bool) string {
	if open && len(items) > 0 {
		return "{\n" + strings.Join(items, ",\n") + ",\n}"
	}
	return "{" + strings.Join(items, ", ") + "}"
}

// descTypeName is a type as generated code names it.
func descTypeName(t reflect.Type) string {
	if t.PkgPath() == "" {
		return t.Name()
	}
	return t.String()
}

// The names of constants of other packages.
var (
	levelIdents = map[access.Level]string{
		access.SystemTable: "SystemTable", access.Public: "Public", access.Private: "Private", access.Restricted: "Restricted", access.Owned: "Owned",
	}
	formIdents = map[catalog.Form]string{catalog.Message: "Message", catalog.Own: "Own"}
	opIdents   = map[catalog.Op]string{
		catalog.And: "And", catalog.Or: "Or", catalog.Not: "Not", catalog.Has: "Has", catalog.True: "True",
		catalog.Eq: "Eq", catalog.Ne: "Ne", catalog.Lt: "Lt", catalog.Le: "Le", catalog.Gt: "Gt", catalog.Ge: "Ge",
		catalog.FieldOf: "FieldOf", catalog.LenOf: "LenOf", catalog.Lit: "Lit",
	}
)
