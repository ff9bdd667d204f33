// Package diag holds the mistakes that are found in schemas: a message with its
// position ([Diagnostic]), the list of one run ([Reporter]), the files that messages
// show lines of ([Text]), and the search for the name that was meant ([Nearest]).
//
// It knows no rule of the schema language and no file format.
package diag
