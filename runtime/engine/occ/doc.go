// Package occ makes a transactional engine of a plain ordered store: one that
// can only get, iterate, take a snapshot and apply a batch atomically. It adds
// strictly serializable transactions by optimistic concurrency control, and the
// rules that every engine keeps: empty keys and values refused, limits, errors
// after Close, iterators that end when they should.
//
// # Order
//
// A transaction runs without locks on a snapshot and records what it reads:
// each key, and each range as far as it was walked. At the commit a short
// critical section decides its order among the others:
//
//   - A commit that was not finished when the transaction began, and that wrote
//     something the transaction has read, is a conflict. The transaction has no
//     effect and its caller runs it again.
//   - A commit under way that wrote or read something the transaction is about
//     to write is waited for. Waiting for writers keeps the writes of one key in
//     commit order; waiting for readers keeps the base from showing the new
//     value before the commit that still relied on the old one, which a reader
//     of two keys could otherwise tell.
//   - Otherwise the commit takes the next version and is applied outside the
//     critical section, together with any number of others. No lock is held
//     across the write to the base, so that the base can merge the flushes of
//     concurrent commits into one.
//
// So every pair of commits of which one depends on the other reaches the base in
// the order of that dependence, which makes the order of the base a serial order
// of all transactions, and each state of the base, hence each snapshot, a state
// between two of them. Backward validation of this kind is described by H. T.
// Kung and J. T. Robinson, "On Optimistic Methods for Concurrency Control", ACM
// TODS 6(2), 1981.
//
// Blind batches take part in the same order without ever conflicting. An
// exclusive transaction keeps all other commits out while it runs.
//
// A snapshot costs more than a short transaction does otherwise. A brief
// transaction therefore reads the latest state at first: as long as no commit has
// been given a version since it began, that is the state it began with, which is
// looked at after each read. Once one has, it takes a snapshot, makes sure that
// no commit has written what it has read so far, so that all of it is in the
// snapshot too, and reads that from then on. An iterator that is open then has read as
// far as it has shown, and goes on in the snapshot behind that.
//
// The version is the number that engine.Tx.Commit returns.
//
// # Cost
//
// Keys hash to stripes that remember the last version that wrote and read them:
// a filter that lets nearly all commits pass without a look at the log of recent
// commits, which decides exactly. The log holds what commits have written; what they
// have read is needed only while they are in flight. It reaches back to the oldest running
// transaction and is bounded in bytes; a transaction older than what was dropped
// conflicts when the filter cannot clear it.
//
// The package knows nothing of tables, rows or indexes, and nothing of the base
// but the interface Base.
package occ
