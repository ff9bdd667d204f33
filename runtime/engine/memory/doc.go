// Package memory is an engine that keeps everything in memory and forgets it at
// Close. It follows the same rules as the persistent engines, limits included,
// so that tests over it mean what they say: a transaction that conflicts there
// conflicts here, and a slice that is not valid any more there has other bytes
// in it here.
//
// The data is a B-tree with copy-on-write nodes: a snapshot costs no copy, and
// the commits after it copy the few nodes they touch.
//
// The package knows nothing of tables, rows or indexes.
package memory
