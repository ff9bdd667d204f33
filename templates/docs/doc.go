// Package docs describes the tables of a schema for people: one page of Markdown
// or HTML with a diagram of tables and keys, and for each table its fields, indexes,
// expiry, access and rules, and what reading it costs.
//
// The package knows the schema only, neither Go code nor databases.
package docs
