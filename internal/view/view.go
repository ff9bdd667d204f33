// Package view looks at bytes as a string, and at a string as bytes, without a copy. It
// is the one place where the module does that by package unsafe.
package view

import "unsafe"

// String returns b as a string. b must not change for as long as the string is used.
func String(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// Bytes returns s as bytes, which must not be changed.
func Bytes(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// Plain returns a list of strings of a type that is defined over string as one of strings.
func Plain[T ~string](list []T) []string {
	return unsafe.Slice((*string)(unsafe.Pointer(unsafe.SliceData(list))), cap(list))[:len(list)]
}

// Strings returns a list of strings as one of a type that is defined over string.
func Strings[T ~string](list []string) []T {
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(list))), cap(list))[:len(list)]
}
