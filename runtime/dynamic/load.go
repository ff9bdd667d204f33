package dynamic

import (
	"context"
	"iter"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/rawstore"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/storeimpl"
)

// EncodedRow is a row before its defaults, as provider.TableDef.EncodeRow makes it.
type EncodedRow struct{ Key, Value []byte }

// Load adds rows to a table that this program has not opened, in any order, and returns how
// many there were: all of them, on stable storage, or none on an error. It costs a fraction of
// inserting them, by the same rules, as the Load of generated code does. member is that of a
// family, as store.DB.Members gives it, and nil for other tables. A row that rows yields may be
// used again for the next.
func Load(ctx context.Context, db *store.DB, t *catalog.Table, member []byte, rows iter.Seq2[EncodedRow, error], opts ...store.TableOption) (int, error) {
	c, err := Codec(t)
	if err != nil {
		return 0, err
	}
	all := func(yield func(any, error) bool) {
		row := c.NewRow()
		for r, err := range rows {
			if err == nil {
				c.Reset(row)
				err = rawstore.DecodeRow(c, r.Key, r.Value, row)
			}
			if !yield(row, err) {
				return
			}
		}
	}
	if len(t.Per) == 0 {
		return storeimpl.LoadTable(ctx, db, c, all, opts...)
	}
	text, err := MemberText(t, member)
	if err != nil {
		return 0, err
	}
	return storeimpl.LoadMember(ctx, db, c, member, text, nil, all, opts...)
}
