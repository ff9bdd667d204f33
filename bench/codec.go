package bench

import (
	"encoding/binary"
	"errors"
	"time"
	"unsafe"
)

// What the hand-written contestants share: a codec as lean as it gets, fields in
// a row with varint lengths, decoded in place.

var errCorrupt = errors.New("corrupt row")

func appendText(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

// appendRow encodes all but the id, the role first, as index upkeep needs it.
func appendRow(dst []byte, u *User) []byte {
	dst = appendText(dst, u.Role)
	dst = appendText(dst, u.Username)
	dst = appendText(dst, u.Email)
	dst = appendText(dst, u.Hash)
	dst = binary.AppendVarint(dst, u.CreatedAt.Unix())
	dst = binary.AppendUvarint(dst, uint64(u.CreatedAt.Nanosecond()))
	if u.Active {
		dst = append(dst, 1)
	} else {
		dst = append(dst, 0)
	}
	dst = binary.AppendUvarint(dst, uint64(len(u.Tags)))
	for _, t := range u.Tags {
		dst = appendText(dst, t)
	}
	return dst
}

func appendBlob(dst []byte, b *Blob) []byte {
	return append(binary.AppendVarint(dst, b.Height), b.Data...)
}

type rowReader struct {
	b   []byte
	err error
}

func (r *rowReader) text() string {
	n, size := binary.Uvarint(r.b)
	if size <= 0 || n > uint64(len(r.b)-size) {
		r.err, r.b = errCorrupt, nil
		return ""
	}
	s := r.b[size : size+int(n)]
	r.b = r.b[size+int(n):]
	return unsafe.String(unsafe.SliceData(s), len(s))
}

func (r *rowReader) skip() {
	n, size := binary.Uvarint(r.b)
	if size <= 0 || n > uint64(len(r.b)-size) {
		r.err, r.b = errCorrupt, nil
		return
	}
	r.b = r.b[size+int(n):]
}

func (r *rowReader) number() uint64 {
	n, size := binary.Uvarint(r.b)
	if size <= 0 {
		r.err, r.b = errCorrupt, nil
		return 0
	}
	r.b = r.b[size:]
	return n
}

// decodeRow decodes in place: the row points into b. It uses the room that the
// row has for tags.
func decodeRow(b []byte, u *User) error {
	r := rowReader{b: b}
	u.Role, u.Username, u.Email, u.Hash = r.text(), r.text(), r.text(), r.text()
	sec, size := binary.Varint(r.b)
	if size <= 0 {
		return errCorrupt
	}
	r.b = r.b[size:]
	u.CreatedAt = time.Unix(sec, int64(r.number())).UTC()
	if len(r.b) == 0 {
		return errCorrupt
	}
	u.Active = r.b[0] != 0
	r.b = r.b[1:]
	n := r.number()
	if n > uint64(len(r.b)) {
		return errCorrupt
	}
	if u.Tags = u.Tags[:0]; n > 0 {
		if uint64(cap(u.Tags)) < n {
			u.Tags = make([]string, n)
		}
		u.Tags = u.Tags[:n]
		for i := range u.Tags {
			u.Tags[i] = r.text()
		}
	}
	return r.err
}

// decodeIndexed decodes only what the indexes are about.
func decodeIndexed(b []byte) (role, username string, err error) {
	r := rowReader{b: b}
	role, username = r.text(), r.text()
	return role, username, r.err
}

// decodeEmail decodes one field of those that are not about indexes.
func decodeEmail(b []byte) (string, error) {
	r := rowReader{b: b}
	r.skip()
	r.skip()
	s := r.text()
	return s, r.err
}

// Members: role, email, hash.

func appendMember(dst []byte, m *Member) []byte {
	return appendText(appendText(appendText(dst, m.Role), m.Email), m.Hash)
}

// Sessions: when it expires, in the order of time, and the username.

func appendExpiry(dst []byte, at time.Time) []byte {
	return binary.BigEndian.AppendUint64(dst, uint64(at.UnixNano())^1<<63)
}

const expirySize = 8

func appendSession(dst []byte, s *Session) []byte {
	return append(appendExpiry(dst, s.ExpiresAt), s.Username...)
}

// Accounts and counters: a number.

func decodeNumber(b []byte) (int64, error) {
	n, size := binary.Varint(b)
	if size <= 0 {
		return 0, errCorrupt
	}
	return n, nil
}

// Keys: r + id; u + username; i + role + 0 + id. Roles hold no zero byte. Of the
// smaller tables: m + id and j + role + 0 + id of members, a + id, c + id, and
// s + id and x + expiry + id of sessions.

func rowKey(dst []byte, id string) []byte { return append(append(dst, 'r'), id...) }
func nameKey(dst []byte, n string) []byte { return append(append(dst, 'u'), n...) }
func rolePrefix(dst []byte, r string) []byte {
	return append(append(append(dst, 'i'), r...), 0)
}
func roleKey(dst []byte, role, id string) []byte { return append(rolePrefix(dst, role), id...) }
func memberKey(dst []byte, id string) []byte     { return append(append(dst, 'm'), id...) }
func memberRolePrefix(dst []byte, r string) []byte {
	return append(append(append(dst, 'j'), r...), 0)
}
func blobKey(dst []byte, id string) []byte    { return append(append(dst, 'b'), id...) }
func accountKey(dst []byte, id string) []byte { return append(append(dst, 'a'), id...) }
func counterKey(dst []byte, id string) []byte { return append(append(dst, 'c'), id...) }
func sessionKey(dst []byte, id string) []byte { return append(append(dst, 's'), id...) }
func expiryKey(dst []byte, at []byte, id string) []byte {
	return append(append(append(dst, 'x'), at...), id...)
}

// upTo is the first key behind all that begin with a prefix, whose last byte is
// not the greatest.
func upTo(prefix []byte) []byte {
	end := append([]byte(nil), prefix...)
	end[len(end)-1]++
	return end
}

var (
	errExists   = errors.New("already exists")
	errTaken    = errors.New("username is taken")
	errNotFound = errors.New("not found")
)
