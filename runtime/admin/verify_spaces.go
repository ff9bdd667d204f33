package admin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/entity"
	"github.com/storegen/storegen/runtime/internal/layout"
	"github.com/storegen/storegen/runtime/internal/records"
)

// catalog reads the catalog: the spaces that it gives away, with their tables
// where this program has them. Spaces of families have no rows of their own.
func (v *verifier) catalog(ctx context.Context) (map[uint64]*entity.Table, error) {
	spaces := map[uint64]*entity.Table{}
	prefix := keys.AppendUvarint(nil, layout.SpaceCatalog)
	err := v.pairs(ctx, prefix, keys.Successor(prefix), func(key, value []byte) error {
		r := keys.NewReader(key[len(prefix):])
		var err error
		var space uint64 // that has rows
		switch part := r.Uvarint(); part {
		case records.CatalogHeader:
			err = records.DecodeRecord(key, value, new(records.Header))
		case records.CatalogCursors:
			err = records.DecodeRecord(key, value, new(records.CursorRecord))
		case records.CatalogNext:
			err = records.DecodeRecord(key, value, new(records.NextRecord))
		case records.CatalogDropped:
			var rec records.DroppedRecord
			if err = records.DecodeRecord(key, value, &rec); err == nil {
				v.dropped[rec.Space] = true
			}
		case records.CatalogTable:
			var rec records.TableRecord
			if err = records.DecodeRecord(key, value, &rec); err == nil && rec.Renamed == "" {
				v.litter[rec.Table.Name] = rec.Litter
				if len(rec.Table.Per) == 0 {
					space = rec.Space
				}
			}
		case records.CatalogMember, records.CatalogReverse: // the same, twice
			var rec records.MemberRecord
			if err = records.DecodeRecord(key, value, &rec); err == nil {
				space = rec.Space
			}
		default:
			err = fmt.Errorf("the catalog has no records %d", part)
		}
		if err != nil {
			v.found(Finding{Fault: FaultCatalog, Table: "catalog", Key: key, Err: err})
			return nil
		}
		if space == 0 {
			return nil
		}
		spaces[space], err = v.db.TableOf(ctx, space)
		return err
	})
	return spaces, err
}

// strangers finds keys outside of the spaces that the catalog has given away,
// and keys within them that are neither rows nor entries of a known index. It
// reads one key of each such run.
func (v *verifier) strangers(ctx context.Context, spaces map[uint64]*entity.Table) error {
	at := keys.AppendUvarint(nil, layout.FirstReserved)
	for at != nil {
		it := v.r.Iterate(ctx, engine.Range{Start: at, KeysOnly: true, Limit: 1})
		found := it.Next()
		var key []byte
		if found {
			key = bytes.Clone(it.Key())
		}
		if err := it.Close(); errors.Is(err, errs.ErrCorrupt) {
			v.cannotRead(Finding{Table: "engine", Key: at, Err: err})
			return nil
		} else if err != nil || !found {
			return err
		}
		r := keys.NewReader(key)
		space := r.Uvarint()
		part := r.Uvarint()
		t, known := spaces[space]
		switch {
		case space == layout.SpaceAside && r.Err() == nil && part >= layout.FirstTable:
			// The rest are put aside from the same table, or a later one.
			at = keys.Successor(keys.AppendUvarint(keys.AppendUvarint(nil, space), part))
		case space == layout.SpaceAside && r.Err() == nil:
			v.found(Finding{Fault: FaultSpace, Table: "engine", Key: key, Err: fmt.Errorf("no row can be put aside from space %d", part)})
			at = append(bytes.Clone(key), 0)
		case r.Err() != nil:
			v.found(Finding{Fault: FaultSpace, Table: "engine", Key: key, Err: r.Err()})
			at = append(bytes.Clone(key), 0)
		case v.dropped[space]:
			at = keys.Successor(keys.AppendUvarint(nil, space))
		case !known:
			v.found(Finding{Fault: FaultSpace, Table: "engine", Key: key})
			at = keys.Successor(keys.AppendUvarint(nil, space))
		case t == nil:
			at = keys.Successor(keys.AppendUvarint(nil, space))
		default:
			run := keys.AppendUvarint(keys.AppendUvarint(nil, space), part)
			if part != layout.SpaceRows && !t.HasPart(key) && !slices.Contains(v.litter[t.Desc.Name], part) {
				v.found(Finding{Fault: FaultSpace, Table: t.Name, Key: key, Err: fmt.Errorf("the table has no index %d", part), table: t})
			}
			at = keys.Successor(run)
		}
	}
	return nil
}

func sortedSpaces(m map[uint64]*entity.Table) []uint64 { return slices.Sorted(maps.Keys(m)) }
