package txn

// An update holds what it has read of its row while the user's function runs. The
// function may write by the same transaction. If it writes this very row, what was
// read is no longer so: the update would write over that, and would take index entries
// for the row's that it has no more.

// Updating is an update whose function is running.
type Updating struct {
	Outer   *Updating // within whose function it runs
	Key     []byte    // of its row
	Written bool      // the row was
	Over    bool      // the transaction has ended, and the writer may be another's
}

// Note marks the updates of a row that is written.
func (u *Updating) Note(key []byte) {
	for ; u != nil; u = u.Outer {
		u.Written = u.Written || string(u.Key) == string(key)
	}
}
