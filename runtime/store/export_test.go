package store

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/engine"
)

// CheckWhole compares every key of the engine with what the rows of the opened
// tables imply: each row's index entries and expiry entry, and nothing else. It
// returns all that is wrong. Tables that hold rows must be opened.
func CheckWhole(ctx context.Context, db *DB) error {
	db.mu.Lock()
	tables := maps.Clone(db.tables)
	db.mu.Unlock()
	want, got := map[string][]byte{}, map[string][]byte{}
	var errs []error
	it := db.eng.Iterate(ctx, engine.Range{})
	defer it.Close()
	for it.Next() {
		key, value := bytes.Clone(it.Key()), bytes.Clone(it.Value())
		r := keys.NewReader(key)
		space := r.Uvarint()
		switch {
		case space == spaceCatalog:
			continue
		case space == spaceExpiry:
			got[string(key)] = value
			continue
		case tables[space] == nil:
			errs = append(errs, fmt.Errorf("%s: of no opened table", keys.Format(key)))
			continue
		case r.Uvarint() != spaceRows:
			got[string(key)] = value
			continue
		}
		if err := tables[space].imply(want, key, value); err != nil {
			errs = append(errs, err)
		}
	}
	if err := it.Close(); err != nil {
		return err
	}
	for _, k := range slices.Sorted(maps.Keys(want)) {
		if v, ok := got[k]; !ok {
			errs = append(errs, fmt.Errorf("%s: missing", keys.Format([]byte(k))))
		} else if !bytes.Equal(v, want[k]) {
			errs = append(errs, fmt.Errorf("%s: holds %s, should hold %s", keys.Format([]byte(k)), keys.Format(v), keys.Format(want[k])))
		}
	}
	for _, k := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[k]; !ok {
			errs = append(errs, fmt.Errorf("%s: an entry of no row", keys.Format([]byte(k))))
		}
	}
	return errors.Join(errs...)
}

// imply adds the entries that a stored row must have.
func (t *table) imply(want map[string][]byte, key, value []byte) error {
	expiry, body, err := splitValue(value)
	if err != nil {
		return fmt.Errorf("%s: %w", keys.Format(key), err)
	}
	row := t.codec.NewRow()
	if _, err := decodeRow(t.codec, t.pk(key), body, row); err != nil {
		return fmt.Errorf("%s: %w", keys.Format(key), err)
	}
	var e Entries
	e.reset(t.indexes, t.pk(key), expiry)
	t.codec.Entries(&e, row)
	for i := range e.list {
		want[string(e.key(i))] = bytes.Clone(e.value(i))
	}
	if expiry != nil {
		want[string(t.expiryKey(nil, expiry, t.pk(key)))] = []byte{formatPlain}
	}
	return nil
}

// ExclusiveAfter is after how many conflicts a transaction has the database to itself.
const ExclusiveAfter = exclusiveAfter

// SpaceOf is the first component of the keys of a table.
func SpaceOf(h *Handle) uint64 { return h.t.space }

// StoredKey is the engine's key of a row.
func StoredKey(h *Handle, row any) []byte {
	return h.t.codec.AppendRowKey(bytes.Clone(h.t.rows), row)
}

// DecodeRecords decodes a value as each kind of record of the catalog, with and
// without its checksum, and encodes again what could be decoded.
func DecodeRecords(key, value []byte, desc *catalog.Table) (again [][]byte, errs []error) {
	for _, rec := range []catalogRecord{new(header), new(nextRecord), new(tableRecord), new(memberRecord)} {
		err := decodeRecord(key, value, rec)
		errs = append(errs, err)
		if err == nil {
			text, err := json.Marshal(rec)
			again, errs = append(again, text), append(errs, err)
		}
	}
	_, err := decodeTable(key, value, desc)
	return again, append(errs, err)
}

// SealCursor makes a cursor of any text.
func SealCursor(r *Run, text []byte) string {
	return base64.RawURLEncoding.EncodeToString(r.t.db.cursors.seal([]byte{cursorVersion}, r.about(), text))
}

// OpenCursor returns what is sealed in a cursor.
func OpenCursor[V any](r *Run, c Cursor[V]) ([]byte, error) {
	b, err := base64.RawURLEncoding.DecodeString(string(c))
	if err != nil || len(b) == 0 {
		return nil, ErrStaleCursor
	}
	text, ok := r.t.db.cursors.open(r.about(), b[1:])
	if !ok {
		return nil, ErrStaleCursor
	}
	return text, nil
}

// LongestPause is the longest pause behind a try, after commits that took so long.
func LongestPause(try int, commits ...time.Duration) time.Duration {
	var p pace
	for _, c := range commits {
		p.saw(c)
	}
	return p.longest(try)
}
