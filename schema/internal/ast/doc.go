// Package ast takes the nodes of schema files apart into declarations: what a file
// says of a table or a type, as it is written. A declaration holds the nodes
// themselves, so that whoever finds a mistake later can point at them.
//
// Types that are Go source already become declarations here too. What a name
// refers to is not known here: that is for package resolve.
package ast
