package store_test

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
	"github.com/storegen/storegen/runtime/internal/entity"
	"github.com/storegen/storegen/runtime/internal/layout"
	"github.com/storegen/storegen/runtime/internal/records"
	"github.com/storegen/storegen/runtime/internal/txn"
	"github.com/storegen/storegen/runtime/store"
)

// checkWhole compares every key of the engine with what the rows of the opened
// tables imply: each row's index entries and expiry entry, and nothing else. It
// returns all that is wrong. Tables that hold rows must be opened.
func checkWhole(ctx context.Context, of *store.DB) error {
	db := of.Internal()
	db.Mu.Lock()
	tables := maps.Clone(db.Tables)
	db.Mu.Unlock()
	want, got := map[string][]byte{}, map[string][]byte{}
	var errs []error
	it := db.Eng.Iterate(ctx, engine.Range{})
	defer it.Close()
	for it.Next() {
		key, value := bytes.Clone(it.Key()), bytes.Clone(it.Value())
		r := keys.NewReader(key)
		space := r.Uvarint()
		switch {
		case space == layout.SpaceCatalog:
			continue
		case space == layout.SpaceExpiry:
			got[string(key)] = value
			continue
		case tables[space] == nil:
			errs = append(errs, fmt.Errorf("%s: of no opened table", keys.Format(key)))
			continue
		case r.Uvarint() != layout.SpaceRows:
			got[string(key)] = value
			continue
		}
		if err := imply(tables[space], want, key, value); err != nil {
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
func imply(t *entity.Table, want map[string][]byte, key, value []byte) error {
	expiry, body, err := layout.SplitValue(value)
	if err != nil {
		return fmt.Errorf("%s: %w", keys.Format(key), err)
	}
	row := t.Codec.NewRow()
	if _, err := layout.DecodeRow(t.Codec, t.Pk(key), body, row, nil); err != nil {
		return fmt.Errorf("%s: %w", keys.Format(key), err)
	}
	var e layout.Entries
	e.Reset(t.Indexes, t.Pk(key), expiry)
	t.Codec.Entries(&e, row)
	for i := range e.List {
		want[string(e.Key(i))] = bytes.Clone(e.Value(i))
	}
	if expiry != nil {
		want[string(t.ExpiryKey(nil, expiry, t.Pk(key)))] = []byte{layout.FormatPlain}
	}
	return nil
}

// exclusiveAfter is after how many conflicts a transaction has the database to itself.
const exclusiveAfter = txn.ExclusiveAfter

// spaceOf is the first component of the keys of a table.
func spaceOf(h *store.Handle) uint64 {
	t, _ := entity.PartsOf(h)
	return t.Space
}

// storedKey is the engine's key of a row.
func storedKey(h *store.Handle, row any) []byte {
	t, _ := entity.PartsOf(h)
	return t.Codec.AppendRowKey(bytes.Clone(t.Rows), row)
}

// decodeRecords decodes a value as each kind of record of the catalog, with and
// without its checksum, and encodes again what could be decoded.
func decodeRecords(key, value []byte, desc *catalog.Table) (again [][]byte, errs []error) {
	for _, rec := range []records.Record{new(records.Header), new(records.NextRecord), new(records.TableRecord), new(records.MemberRecord)} {
		err := records.DecodeRecord(key, value, rec)
		errs = append(errs, err)
		if err == nil {
			text, err := json.Marshal(rec)
			again, errs = append(again, text), append(errs, err)
		}
	}
	_, err := records.DecodeTable(key, value, desc)
	return again, append(errs, err)
}

// sealCursor makes a cursor of any text.
func sealCursor(h *store.Handle, index int, text []byte) string {
	t, _ := entity.PartsOf(h)
	return base64.RawURLEncoding.EncodeToString(t.DB.Cursors.Seal([]byte{entity.CursorVersion}, entity.AboutOf(h.Index(index)), text))
}

// openCursor returns what is sealed in a cursor.
func openCursor(h *store.Handle, index int, c string) ([]byte, error) {
	b, err := base64.RawURLEncoding.DecodeString(c)
	if err != nil || len(b) == 0 {
		return nil, store.ErrStaleCursor
	}
	t, _ := entity.PartsOf(h)
	text, ok := t.DB.Cursors.Open(entity.AboutOf(h.Index(index)), b[1:])
	if !ok {
		return nil, store.ErrStaleCursor
	}
	return text, nil
}

// longestPause is the longest pause behind a try, after commits that took so long.
func longestPause(try int, commits ...time.Duration) time.Duration {
	var p txn.Pace
	for _, c := range commits {
		p.Saw(c)
	}
	return p.Longest(try)
}
