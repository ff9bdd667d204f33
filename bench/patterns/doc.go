// Package patterns compares the access patterns of real programs: the generated tables
// beside code written by hand on goleveldb, with the same keys, rows and entries. The
// programs are go-ethereum (a snapshot's accounts and slots), Hyperledger Fabric (blocks,
// states and their history), CometBFT (transactions by attribute), syncthing (files and
// their blocks) and lnd (invoices, forwarded payments, the graph of channels).
//
// It knows nothing of how times are taken: package run asks it for what there is to do.
package patterns
