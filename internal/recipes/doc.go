// Package recipes keeps true what CONTRIBUTING.md says of additions: which files a new
// scalar takes, and which a new option of an index's column. Each folder of testdata has
// such an addition as a patch, with a schema that uses it and a test of the code that is
// generated from that.
//
// A patch that no longer fits is made again on a copy of the tree: git apply -3, repair,
// git diff.
package recipes
