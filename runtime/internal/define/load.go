package define

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/entity"
	"github.com/storegen/storegen/runtime/internal/layout"
	"github.com/storegen/storegen/runtime/internal/runs"
	"github.com/storegen/storegen/runtime/internal/txn"
)

// A table that is not open is loaded without a transaction for its rows: all that is stored
// of them is sorted first, each kind by itself, and then written in the order of keys, which
// engines like best. What is there twice, or was there before, is found on the way.
//
// Until all is written the record of the table says that it is being loaded. Whoever opens
// the table then, after a crash or in another program, ends the load and takes away what it
// has written (load_undo.go), and each commit of the load makes sure that nobody has. An
// engine.Ingester takes all at once, so that there is nothing to take away.

// loadMemory is how many bytes of pairs are sorted at once, by default.
const loadMemory = 64 << 20

// LoadTable adds rows to a table, which it gives a place if it has none, and returns how
// many there were. Rows that have expired are left out. This program must not have the
// table open. On an error, the table is as before.
func LoadTable(ctx context.Context, db *entity.DB, c layout.RowCodec, rows iter.Seq2[any, error], opts ...entity.TableOption) (int, error) {
	if rows == nil {
		return 0, &errs.Error{Op: "load", Table: c.Desc().Name, Err: errNoRows}
	}
	t, keys, o, err := tableToOpen(ctx, db, "load", c, opts)
	if err != nil {
		return 0, err
	}
	return load(ctx, db, t, keys, o, rows)
}

// LoadMember adds rows to a member of a family: see LoadTable and OpenMember.
func LoadMember(ctx context.Context, db *entity.DB, c layout.RowCodec, member []byte, text string, invalid error, rows iter.Seq2[any, error], opts ...entity.TableOption) (int, error) {
	if rows == nil {
		return 0, &errs.Error{Op: "load", Table: memberName(c, text), Err: errNoRows}
	}
	t, keys, o, err := memberToOpen(ctx, db, "load", c, member, text, invalid, opts)
	if err != nil {
		return 0, err
	}
	return load(ctx, db, t, keys, o, rows)
}

// errNoRows is the error of a sequence that is nil, which cannot be gone through.
var errNoRows = fmt.Errorf("%w: the sequence of rows is nil; one that has no rows yields none", errs.ErrInvalid)

// loading is a load of a table.
type loading struct {
	db    *entity.DB
	t     *entity.Table
	mark  mark
	token string
	// What a load has to take away again, if it fails, that adds to rows that are there:
	// so many lists of keys.
	undo int
}

// adds reports whether the table had something before. begin knows.
func (l *loading) adds() bool { return modeOf(l.token) == modeAdds }

func load(ctx context.Context, db *entity.DB, t *entity.Table, at mark, o entity.TableOptions, rows iter.Seq2[any, error]) (n int, err error) {
	l := &loading{db: db, t: t, mark: at}
	if err := l.take(); err != nil {
		return 0, t.Fail("load", nil, err)
	}
	defer l.give()
	sorters := newSorters(t.Loads(), o.Memory)
	defer func() { err = errors.Join(err, sorters.close()) }() // also where rows panics
	if n, err = l.sort(ctx, sorters, rows); err != nil {
		return 0, t.Fail("load", nil, err)
	}
	if err := l.begin(ctx); err != nil {
		return 0, t.Fail("load", nil, err)
	}
	if err = l.write(ctx, sorters); err == nil {
		err = l.end(ctx)
	}
	db.Unswept.Forget()
	if err != nil {
		// If this fails too, who opens the table next does it.
		_ = takeBack(context.WithoutCancel(ctx), db, t.Space, l.mark, l.token)
		return 0, t.Fail("load", nil, err)
	}
	return n, nil
}

// take makes sure that this program does nothing else with the table.
func (l *loading) take() error {
	l.db.Mu.Lock()
	defer l.db.Mu.Unlock()
	switch space := l.t.Space; {
	case space == layout.SpaceNone:
		return errs.ErrReadOnly
	case l.db.Tables[space] != nil:
		return fmt.Errorf("%w: this program has the table open; load it before it is opened", errs.ErrInUse)
	case l.db.Forsaken[space]:
		return fmt.Errorf("%w: it is being dropped", errs.ErrInUse)
	case l.db.Loading[space]:
		return fmt.Errorf("%w: this program is loading it", errs.ErrInUse)
	}
	if l.db.Loading == nil {
		l.db.Loading = map[uint64]bool{}
	}
	l.db.Loading[l.t.Space] = true
	return nil
}

func (l *loading) give() {
	l.db.Mu.Lock()
	delete(l.db.Loading, l.t.Space)
	l.db.Mu.Unlock()
}

// sorters sort the pairs of some kinds, each by itself.
type sorters []*runs.Sorter

// newSorters makes n sorters that share the memory, 0 for what is usual.
func newSorters(n, memory int) sorters {
	if memory <= 0 {
		memory = loadMemory
	}
	s := make(sorters, n)
	for i := range s {
		s[i] = runs.New(memory/n, "")
	}
	return s
}

func (s sorters) close() (err error) {
	for _, one := range s {
		err = errors.Join(err, one.Close())
	}
	return err
}

// sort takes the rows apart.
func (l *loading) sort(ctx context.Context, sorters sorters, rows iter.Seq2[any, error]) (n int, err error) {
	now := func() time.Time { return l.db.Now().UTC() }
	add := func(kind int, key, value []byte) error { return sorters[kind].Add(key, value) }
	at := 0
	for row, err := range rows {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return 0, err
		}
		live, err := l.t.Pairs(row, at, now, add)
		if err != nil {
			return 0, err
		}
		at++
		if live {
			n++
		}
	}
	return n, nil
}

// begin marks the table. The mark is on stable storage before anything else can be.
func (l *loading) begin(ctx context.Context) error {
	o := l.db.Usual()
	o.Sync = true
	return l.db.Run(ctx, o, false, func(w *txn.Writer) error {
		empty, err := l.empty(ctx, w)
		if err != nil {
			return err
		}
		l.token = modeAdds.token()
		if empty {
			l.token = modeFills.token()
		}
		return l.mark.change(ctx, w, "", l.token)
	})
}

// empty reports whether nothing is stored of the table.
func (l *loading) empty(ctx context.Context, w *txn.Writer) (bool, error) {
	space := keys.AppendUvarint(nil, l.t.Space)
	it := w.Tx.Iterate(ctx, engine.Range{Start: space, End: keys.Successor(space), KeysOnly: true, Limit: 1})
	found := it.Next()
	return !found, it.Close()
}

// end ends the load: from its first commit on, what was written stays.
func (l *loading) end(ctx context.Context) error {
	if _, took := ingester(l.db); took && l.adds() { // which nothing takes back
		err := l.mark.set(context.WithoutCancel(ctx), l.db, l.token, "")
		if err != nil && !errors.Is(err, engine.ErrUnknown) {
			err = fmt.Errorf("%w: the rows are written, but maybe not on stable storage: %w", engine.ErrUnknown, err)
		}
		return err
	}
	if l.undo == 0 {
		return l.mark.set(ctx, l.db, l.token, "")
	}
	done := modeDone.token()
	if err := l.mark.set(ctx, l.db, l.token, done); err != nil {
		return err
	}
	// If this fails, who opens the table next does it.
	_ = forgetUndo(context.WithoutCancel(ctx), l.db, l.t.Space, l.mark, done)
	return nil
}

// mode is what a load that was broken off leaves. The token of the load begins with it.
type mode string

const (
	modeFills mode = ""  // the table had nothing: all there is is of the load
	modeAdds  mode = "+" // the table had rows: what was added is listed
	modeDone  mode = "=" // all is written; the lists have to go
)

// token is a new token of a load.
func (m mode) token() string { return string(m) + rand.Text() }

// modeOf is that of a token.
func modeOf(token string) mode {
	switch m := mode(token[:min(1, len(token))]); m {
	case modeAdds, modeDone:
		return m
	}
	return modeFills // tokens have letters and digits otherwise
}
