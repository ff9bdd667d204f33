package move

import (
	"cmp"
	"fmt"
	"reflect"
	"time"
)

// difference tells in what the old side's row and the new one's differ, "" for
// nothing. Sides that say the same in two ways do not differ: a moment in two zones,
// a list that is empty and one that is null. The message says which member it is,
// and has both values in a form in which different ones look different.
func difference(old, new any) string {
	return differ("", reflect.ValueOf(old), reflect.ValueOf(new))
}

func differ(where string, a, b reflect.Value) string {
	if at, ok := a.Interface().(time.Time); ok {
		if at.Equal(b.Interface().(time.Time)) {
			return ""
		}
		return differs(where, at.Format(time.RFC3339Nano), b.Interface().(time.Time).Format(time.RFC3339Nano))
	}
	switch a.Kind() {
	case reflect.Struct:
		for i := range a.NumField() {
			name := a.Type().Field(i).Name
			if !a.Type().Field(i).IsExported() {
				continue
			}
			if where != "" {
				name = where + "." + name
			}
			if d := differ(name, a.Field(i), b.Field(i)); d != "" {
				return d
			}
		}
		return ""
	case reflect.Float32, reflect.Float64:
		if cmp.Compare(a.Float(), b.Float()) == 0 {
			return ""
		}
	case reflect.Pointer:
		if a.IsNil() || b.IsNil() {
			break
		}
		return differ(where, a.Elem(), b.Elem())
	case reflect.Slice, reflect.Array:
		if a.Len() != b.Len() {
			break
		}
		for i := range a.Len() {
			if d := differ(fmt.Sprintf("%s[%d]", where, i), a.Index(i), b.Index(i)); d != "" {
				return d
			}
		}
		return ""
	case reflect.Map:
		if a.Len() != b.Len() {
			break
		}
		for _, k := range a.MapKeys() {
			if !b.MapIndex(k).IsValid() {
				return differs(where, a.Interface(), b.Interface())
			}
			if d := differ(fmt.Sprintf("%s[%v]", where, k), a.MapIndex(k), b.MapIndex(k)); d != "" {
				return d
			}
		}
		return ""
	}
	if reflect.DeepEqual(a.Interface(), b.Interface()) {
		return ""
	}
	return differs(where, a.Interface(), b.Interface())
}

func differs(where string, old, new any) string {
	return fmt.Sprintf("%s is %#v on the old side, and %#v on the new one", where, old, new)
}
