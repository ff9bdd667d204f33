// Package dynamic has rows of tables that are known as data only, for tests that make
// up schemas by the thousand: compiling each would take hours. It encodes as generated
// code does, keeps what it does not know as generated code does, and holds rows to the
// limits, set enums and checks of their description. Scalars go by the rows of package
// kind.
package dynamic
