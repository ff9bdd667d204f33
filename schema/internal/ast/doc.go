// Package ast turns the nodes of schema files into declarations of tables and types,
// as they are written. A declaration holds the nodes, so that mistakes that are found
// later have a position.
//
// Go types of the user become declarations here too. What a name refers to is not
// known here: that is for package resolve.
package ast
