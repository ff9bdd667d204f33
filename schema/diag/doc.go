// Package diag is about mistakes in schemas: what one says and where ([Diagnostic]),
// how a run collects them ([Reporter]) in texts with lines ([Text]), and which name
// was meant by a wrong one ([Nearest]).
//
// It knows no rule of the schema language, and no form of file.
package diag
