// Package golden has databases that older versions of storegen wrote, in testdata, and
// the tables that they hold. Its test opens each with today's code, reads all rows by
// every path, and compares them with what the older version read. A database that is in
// testdata is never changed or removed.
//
//	go test ./internal/golden -write NAME   writes testdata/NAME as today's code does
package golden

//go:generate go run ../../cmd/storegen generate
