// Package access says who may read and write a table: roles, the access level
// of a table, and the principal that asks.
//
// The rules are here and nowhere else; stores and providers ask it. It knows
// nothing of keys, rows or engines.
package access
