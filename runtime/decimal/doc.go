// Package decimal has exact decimal numbers: amounts of money, rates, quantities.
//
// A [Decimal] has up to 38 digits, of which up to 38 are behind the point, as many as
// decimal columns of SQL databases have. It is a small value that needs no
// allocation but for its text, and is held in lowest terms: 1.50 is 1.5, so that ==
// compares numbers and a Decimal is a key for maps. There is no NaN, no infinity and
// no -0, and nothing is rounded: what has no exact result is an error.
//
// Calculations that round, divide or multiply are for [math/big.Rat], see
// [Decimal.Rat] and [FromRat]; sums of amounts that have the same scale go by
// [Decimal.Unscaled] in an int64, as of cents.
//
// # Why a type of its own
//
// A column needs a type whose values are all numbers in one order, of which equal
// ones are equal in Go and in a key, and which costs no allocation for each row
// that is read. Packages that are well kept, as of late 2026:
//
//	github.com/shopspring/decimal  MIT, v1.6.0     holds a *big.Int: == compares pointers, each value is allocated
//	github.com/cockroachdb/apd/v3  Apache, v3.2.3  mutable; NaN, infinities and -0; 1.5 is not 1.50 for ==
//	github.com/govalues/decimal    MIT, v0.1.36    19 digits, no release since early 2025; 1.5 is not 1.50 for ==
//	github.com/quagmt/udecimal     BSD, v1.10.1    19 digits behind the point, beyond 128 bits a *big.Int; 1.5 is not 1.50 for ==
//
// All are fine for calculating; bench/decimals_test.go has two of them beside this
// one. They convert from and to a Decimal by their text.
package decimal
