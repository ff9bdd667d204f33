// Package logictest runs files in the format of sqllogictest over tables of a store, and over
// SQLite's own.
//
// # The format
//
// A file has records with empty lines between them; # begins a comment. A record is one of
//
//	statement ok                  a statement that succeeds
//	statement error               one that fails, perhaps with a regular expression for how
//	statement count N             one that changes N rows
//	query TYPES [SORT] [LABEL]    a query; what it shows stands behind ----
//	hash-threshold N              results of more than N values are written as their MD5
//	halt                          ends the file
//	subtest NAME                  has no meaning
//
// TYPES has a letter for each column: I for integers, R for reals, with three digits, T for
// text. SORT is nosort, rowsort or valuesort. Queries of one LABEL have one result. Before a
// record may stand skipif NAME or onlyif NAME; a store answers to the name of sqlite.
//
// # Tables
//
// Tables of a store are not made by SQL. The runner makes descriptions of tables of CREATE
// TABLE, CREATE INDEX and the DROPs of both, and opens them by package dynamic; views are
// temporary. A table without a key has a hidden one, in the order of insertion. SQLite's
// columns hold values of any type, and those of a store do not:
//
//	INT, and all types with INT in them                int64
//	CHAR, CLOB, TEXT, DATE, TIME, TIMESTAMP            string
//	REAL, FLOAT, DOUBLE, NUMERIC, DECIMAL              float64
//	BLOB                                               bytes
//	BOOL                                               int64
//
// A text in a column of integers is refused, where SQLite keeps it; a number in a column of
// text is its text, as SQLite has it too. NUMERIC keeps no integers beyond 2^53. Triggers,
// columns without a type, generated columns, CHECK, indexes over expressions or with a
// condition, and CREATE TABLE AS are not made, and the records that want them are counted
// apart.
package logictest
