// Package testtable has tables with codecs written by hand, for the tests of the
// provider and of the chooser: fields of every kind, and every kind of index. It is
// imported by tests only.
package testtable
