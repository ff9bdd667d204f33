package admin

import (
	"hash/maphash"
)

// Verify compares what rows say of the entries with the entries that are there. Both come
// in an order of their own, and to look each up in the other is a random read for each. So
// it adds up fingerprints of the one and takes off those of the other, in buckets: where
// both are the same nothing is left, and only what is in a bucket of which something is
// left has to be looked at. The hashes are seeded at random, so that no data is made for
// them: a difference goes unseen once in 2^64.

// fingerprintBuckets bounds the memory, at 8 bytes each, and says how many pairs are looked
// at for one that is wrong.
const fingerprintBuckets = 1 << 16

// fingerprints are what is left in each bucket.
type fingerprints struct {
	bucket, print maphash.Seed
	left          []uint64
	all           bool // everything is suspect
	mem           []byte
}

func newFingerprints() *fingerprints {
	return &fingerprints{bucket: maphash.MakeSeed(), print: maphash.MakeSeed(), left: make([]uint64, fingerprintBuckets)}
}

// of is the bucket and the fingerprint of a key and the value behind it.
func (f *fingerprints) of(pair []byte, key int) (left *uint64, print uint64) {
	left = &f.left[maphash.Bytes(f.bucket, pair)%fingerprintBuckets]
	// Where the key ends is not in the bytes.
	return left, maphash.Bytes(f.print, pair) + uint64(key)*0x9E3779B97F4A7C15
}

// expect adds a pair, of which the key has that many bytes.
func (f *fingerprints) expect(pair []byte, key int) {
	left, print := f.of(pair, key)
	*left += print
}

// found takes a pair off.
func (f *fingerprints) found(key, value []byte) {
	left, print := f.of(f.pair(key, value), len(key))
	*left -= print
}

func (f *fingerprints) pair(key, value []byte) []byte {
	f.mem = append(append(f.mem[:0], key...), value...)
	return f.mem
}

// suspect reports whether a pair is in a bucket of which something is left.
func (f *fingerprints) suspect(pair []byte, key int) bool {
	left, _ := f.of(pair, key)
	return f.all || *left != 0
}

// differ reports whether anything is left.
func (f *fingerprints) differ() bool {
	if f.all {
		return true
	}
	for _, left := range f.left {
		if left != 0 {
			return true
		}
	}
	return false
}

func (f *fingerprints) reset() { clear(f.left) }
