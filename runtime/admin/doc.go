// Package admin is for those who operate a database: it verifies and repairs it, sweeps
// expired rows away, writes backups and restores them.
//
// It knows nothing of the Go types of rows, nor of which engine it is.
package admin

import "github.com/storegen/storegen/runtime/internal/entity"

// Database is what this package works on: a *store.DB, or the DB of a generated group of
// tables, which has one in it.
type Database interface{ Internal() *entity.DB }
