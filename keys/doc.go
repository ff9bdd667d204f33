// Package keys turns typed values into bytes that sort as the values sort, and takes such bytes apart again.
//
// It is the format of everything that a store writes on the left side of an entry: row keys, index entries, expiry
// entries, catalog keys. docs/format.md gives the bytes of every kind, with examples. The package knows nothing of
// tables, schemas, engines or values of rows; it must not import any of them.
//
// # Components
//
// A key is a sequence of components, appended one after the other:
//
//	dst = keys.AppendString(dst, user)
//	dst = keys.AppendInt64Desc(dst, version)
//
// For every kind K there is an appender AppendK, its descending twin AppendKDesc, and the accessors K and KDesc of
// [Reader]. What holds for all of them:
//
//   - Order: bytes.Compare of two encodings is the comparison of the two values; of the Desc form, its opposite.
//   - Total: every value has an encoding. Any string, any byte, any number, any time.
//   - Self-delimiting: no encoding is a proper prefix of another of the same kind. A tuple therefore compares
//     component by component, a decoder always knows where a component ends, and the encoding of the first n
//     components is an exact prefix: it matches the keys that have these components and no others.
//   - Canonical: one value, one encoding. A Reader refuses bytes that no appender writes, so encoding what it decoded
//     gives back the same bytes.
//
// Bytes of a fixed length, AppendFixed, are self-delimiting because all values of the component have that length.
//
// Two kinds are not self-delimiting, and are made for one place each. AppendStringLast and AppendBytesLast write raw
// bytes, which are right only as the last component of an ascending key. AppendStringPrefix and AppendBytesPrefix
// write a component without its end, to search for keys whose string begins so; a Reader does not read them back.
//
// Nothing in the bytes says which kinds they are made of. The reader of a key must know, from its schema, what the
// writer wrote.
//
// # Ownership
//
// Appenders copy what they are given and do not allocate while dst has room. The argument must not overlap the free
// room of dst.
//
// A [Reader] does not copy: the results of String, StringLast, Bytes, BytesLast, Fixed and Rest share memory with the bytes
// that it was given wherever no escape has to be undone. Who makes a Reader owns those bytes and must not change them
// afterwards, for as long as any string from them lives. Hand it a copy where the bytes are an iterator's buffer.
// Descending strings and bytes, of a fixed length too, are always copies.
//
// # Concurrency
//
// Functions are safe for concurrent use. A Reader is not; it is a small value, so make one for each use.
package keys
