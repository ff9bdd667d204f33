package define

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/entity"
	"github.com/storegen/storegen/runtime/internal/records"
	"github.com/storegen/storegen/runtime/internal/txn"
)

// A load into a table that has rows lists the keys that it adds: each commit of it holds a
// list of its own keys. No index has the part of the space that the lists are in, and
// nothing is in it before the load or afterwards.

// undoPart is that part of the space of a table.
const undoPart = math.MaxUint64

// undoPrefix is what the keys of the lists of a table begin with.
func undoPrefix(space uint64) []byte {
	return keys.AppendUvarint(keys.AppendUvarint(nil, space), undoPart)
}

func undoKey(space uint64, n int) []byte { return keys.AppendUvarint(undoPrefix(space), uint64(n)) }

// listed is how many bytes a key takes in a list, at most.
func listed(key []byte) int { return len(key) + 2*binary.MaxVarintLen32 }

// listKeys is the list of the keys of a commit: for each, how many bytes it begins with that
// the one before it does, how many more it has, and these. A checksum comes first.
func listKeys(b *pending) []byte {
	list := make([]byte, crc32.Size)
	var last []byte
	_ = b.each(func(key, _ []byte) error {
		n := 0
		for n < len(last) && n < len(key) && last[n] == key[n] {
			n++
		}
		list = binary.AppendUvarint(binary.AppendUvarint(list, uint64(n)), uint64(len(key)-n))
		list = append(list, key[n:]...)
		last = key
		return nil
	})
	binary.BigEndian.PutUint32(list, crc32.Checksum(list[crc32.Size:], records.Castagnoli))
	return list
}

var errList = errors.New("the list of what a load has added is not as it was written")

// readList returns the keys of a list.
func readList(list []byte) (found [][]byte, err error) {
	if len(list) < crc32.Size || binary.BigEndian.Uint32(list) != crc32.Checksum(list[crc32.Size:], records.Castagnoli) {
		return nil, errList
	}
	list = list[crc32.Size:]
	var last []byte
	for len(list) > 0 {
		same, a := binary.Uvarint(list)
		if a <= 0 || same > uint64(len(last)) {
			return nil, errList
		}
		more, b := binary.Uvarint(list[a:])
		if b <= 0 || more > uint64(len(list)-a-b) {
			return nil, errList
		}
		rest := list[a+b:]
		last = append(bytes.Clone(last[:same]), rest[:more]...)
		found, list = append(found, last), rest[more:]
	}
	return found, nil
}

// takeBack takes away what a load has left that was broken off, and then its mark.
func takeBack(ctx context.Context, db *entity.DB, space uint64, m mark, token string) error {
	goesOn := func(ctx context.Context, w *txn.Writer) error { return m.is(ctx, w, token) }
	switch mode := modeOf(token); mode {
	case modeFills:
		if err := clearAll(ctx, db, space, goesOn); err != nil {
			return err
		}
		return m.set(ctx, db, token, "")
	case modeAdds:
		if err := undoLists(ctx, db, space, goesOn); err != nil {
			return err
		}
		return m.set(ctx, db, token, "")
	case modeDone:
		return forgetUndo(ctx, db, space, m, token)
	default:
		return fmt.Errorf("%w: a load of no known kind: %q", errs.ErrCorrupt, mode)
	}
}

// undoLists removes the keys of all lists, and each list behind its keys.
func undoLists(ctx context.Context, db *entity.DB, space uint64, goesOn func(ctx context.Context, w *txn.Writer) error) error {
	start := undoPrefix(space)
	end := keys.Successor(start)
	for {
		it := db.Eng.Iterate(ctx, engine.Range{Start: start, End: end, Limit: 1})
		found := it.Next()
		at, list := bytes.Clone(it.Key()), bytes.Clone(it.Value())
		if err := it.Close(); err != nil || !found {
			return err
		}
		added, err := readList(list)
		if err != nil {
			return errs.Corrupt(at, err)
		}
		added = append(added, at)
		if _, err := db.InPieces(ctx, db.Usual(), true, len(added), func(w *txn.Writer, from, to int) error {
			if err := goesOn(ctx, w); err != nil {
				return err
			}
			for _, key := range added[from:to] {
				if err := w.Tx.Delete(key); err != nil {
					return err
				}
			}
			return nil
		}, func(int) {}); err != nil {
			return err
		}
		start = append(at, 0)
	}
}

// forgetUndo removes the lists of a load that is done, and then its mark.
func forgetUndo(ctx context.Context, db *entity.DB, space uint64, m mark, token string) error {
	start := undoPrefix(space)
	goesOn := func(ctx context.Context, w *txn.Writer) error { return m.is(ctx, w, token) }
	if err := db.Clear(ctx, start, keys.Successor(start), goesOn); err != nil {
		return err
	}
	return m.set(ctx, db, token, "")
}

// endLoad ends a load that somebody has begun, and takes back what it has written. From the
// first step on, the load cannot go on.
func endLoad(ctx context.Context, db *entity.DB, space uint64, m mark, token string) error {
	if token == "" {
		return nil
	}
	db.Mu.Lock()
	own := db.Loading[space]
	db.Mu.Unlock()
	if own {
		return fmt.Errorf("%w: this program is loading it", errs.ErrInUse)
	}
	now := modeOf(token).token()
	err := m.set(ctx, db, token, now)
	if err == nil {
		err = takeBack(ctx, db, space, m, now)
	}
	if err != nil {
		return fmt.Errorf("clearing it after a load that was broken off: %w", err)
	}
	return nil
}
