// Package output brings generated files to a folder: it writes what changed,
// deletes what is generated no more, and touches nothing that it did not write.
package output
