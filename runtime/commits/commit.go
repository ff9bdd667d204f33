// Package commits is what commits did to rows, and how the hooks of OnCommit get it: in
// the order of the commits, each hook in a goroutine of its own. Those who write hooks
// use package store; Commit, RowChange and HookError are what they get.
//
// It knows rows as bytes, and nothing of engines' transactions but their end.
package commits

import (
	"fmt"
	"time"
)

// Commit is what one commit did to the rows of the database: for each row that it
// touched, what was there before and what is there now.
type Commit struct {
	// Number counts commits, from 1 when the database was opened. Those that no
	// hook was there for, or that changed no row, may have none.
	Number uint64
	// Time is the transaction's time, by the clock of the database: the moment when it was
	// first asked for.
	Time time.Time
	// Changes are in the order in which the transaction first wrote the rows.
	Changes []RowChange
}

// RowChange is what a commit did to one row, as bytes, which must not be changed.
type RowChange struct {
	Table string // with its member where it belongs to a family
	Key   []byte // the encoded key
	// Old and New are the encoded fields, without those of the key: protobuf wire
	// format. Old is nil where there was no row, New where there is none any more.
	Old, New []byte
	// Expired says that Old had expired, so that nobody saw it any more. A nil New
	// then is its removal, any other a row in its place.
	Expired bool

	Space uint64
}

// HookError is what went wrong with a hook of OnCommit. The commits themselves
// are not touched by it.
type HookError struct {
	Table  string // "" for a hook on the whole database
	Number uint64 // of the commit that the hook was called for; 0 where there is none
	Panic  any    // what the hook panicked with, or nil
	Stack  []byte // of that
	Behind int    // how many commits wait for the hook, where it is slow
	Err    error  // a row could not be decoded or, without a number, the hook was not set
}

// Error implements error.
func (e *HookError) Error() string {
	what := "hook on all tables"
	if e.Table != "" {
		what = "hook on " + e.Table
	}
	switch {
	case e.Behind > 0:
		return fmt.Sprintf("%s: %d commits wait for it", what, e.Behind)
	case e.Err != nil && e.Number == 0:
		return fmt.Sprintf("%s: it was not set: %v", what, e.Err)
	case e.Err != nil:
		return fmt.Sprintf("%s: commit %d was not delivered: %v", what, e.Number, e.Err)
	}
	return fmt.Sprintf("%s: commit %d: panic: %v", what, e.Number, e.Panic)
}

// Unwrap returns the cause.
func (e *HookError) Unwrap() error { return e.Err }
