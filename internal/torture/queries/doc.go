// Package queries compares the answers of providers with what all rows say. It
// makes up tables, rows and queries, runs each query by every path that there is,
// and holds the answers against an oracle: the rows as they were written, and
// comparisons of its own. It asks as principals too, within transactions that have
// written, and on snapshots that others have written after.
//
// Tables are made up as descriptions, with one codec for all of them; tables of
// generated code are filled through their providers.
package queries
