package leveldb

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/syndtr/goleveldb/leveldb/journal"
	"github.com/syndtr/goleveldb/leveldb/storage"
)

// layer is a storage in memory that costs nothing to copy. It tells of each step
// before it is made.
type layer struct {
	mu    sync.Mutex
	files map[storage.FileDesc][]byte
	meta  storage.FileDesc
	step  func(what string)
}

func newLayer() *layer { return &layer{files: map[storage.FileDesc][]byte{}} }

// copy returns the layer as it is now. The caller holds the lock if need be.
func (l *layer) copy() *layer {
	m := &layer{files: maps.Clone(l.files), meta: l.meta}
	for fd, data := range m.files {
		m.files[fd] = slices.Clip(data) // so that nothing is appended in shared memory
	}
	return m
}

func (l *layer) equal(m *layer) bool {
	return l.meta == m.meta && maps.EqualFunc(l.files, m.files, bytes.Equal)
}

func (l *layer) do(what string, f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.step != nil {
		l.step(what)
	}
	f()
}

type noLock struct{}

func (noLock) Unlock() {}

func (l *layer) Lock() (storage.Locker, error) { return noLock{}, nil }
func (l *layer) Log(string)                    {}
func (l *layer) Close() error                  { return nil }

func (l *layer) SetMeta(fd storage.FileDesc) error {
	l.do("switch", func() { l.meta = fd })
	return nil
}

func (l *layer) GetMeta() (storage.FileDesc, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.meta.Type == 0 {
		return l.meta, os.ErrNotExist
	}
	return l.meta, nil
}

func (l *layer) List(ft storage.FileType) (fds []storage.FileDesc, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for fd := range l.files {
		if fd.Type&ft != 0 {
			fds = append(fds, fd)
		}
	}
	return fds, nil
}

func (l *layer) Open(fd storage.FileDesc) (storage.Reader, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	data, ok := l.files[fd]
	if !ok {
		return nil, os.ErrNotExist
	}
	return bytesReader{bytes.NewReader(data)}, nil
}

func (l *layer) Create(fd storage.FileDesc) (storage.Writer, error) {
	l.do("create", func() { l.files[fd] = nil })
	return &layerWriter{l, fd}, nil
}

func (l *layer) Remove(fd storage.FileDesc) error {
	l.do("remove", func() { delete(l.files, fd) })
	return nil
}

func (l *layer) Rename(from, to storage.FileDesc) error {
	l.do("rename", func() {
		l.files[to] = l.files[from]
		delete(l.files, from)
	})
	return nil
}

type layerWriter struct {
	l  *layer
	fd storage.FileDesc
}

func (w *layerWriter) Write(p []byte) (int, error) {
	// In two halves, for a process can be killed between them.
	for _, part := range [][]byte{p[:len(p)/2], p[len(p)/2:]} {
		w.l.do("write", func() { w.l.files[w.fd] = append(w.l.files[w.fd], part...) })
	}
	return len(p), nil
}

func (w *layerWriter) Sync() error  { return nil }
func (w *layerWriter) Close() error { return nil }

// numbered is a database of commits that are told apart: each changes and deletes
// some rows, and says which it is.
type numbered struct {
	states []map[string]string // after each commit
}

func makeNumbered(n int) *numbered {
	rng := rand.New(rand.NewPCG(8, 9))
	h := &numbered{states: []map[string]string{{}}}
	for i := 1; i <= n; i++ {
		s := maps.Clone(h.states[i-1])
		s["number"] = fmt.Sprint(i)
		for range 3 {
			s[fmt.Sprintf("row%02d", rng.IntN(60))] = randomText(rng, 300+rng.IntN(600))
			delete(s, fmt.Sprintf("row%02d", rng.IntN(60)))
		}
		h.states = append(h.states, s)
	}
	return h
}

// commit makes the commit with a number.
func (h *numbered) commit(db *DB, i int) error {
	b := db.NewBatch()
	for k, v := range h.states[i] {
		if h.states[i-1][k] != v {
			b.Put([]byte(k), []byte(v))
		}
	}
	for k := range h.states[i-1] {
		if _, ok := h.states[i][k]; !ok {
			b.Delete([]byte(k))
		}
	}
	return db.Write(background, b, engine.WriteOptions{Sync: i%2 == 0})
}

// read returns how many commits a database holds: an error if it is not what there
// was after one.
func (h *numbered) read(stor storage.Storage, o Options) (n int, err error) {
	db, err := OpenStorage(stor, &o)
	if err != nil {
		return 0, err
	}
	defer db.Close()
	rows := map[string]string{}
	it := db.Iterate(background, engine.Range{})
	for it.Next() {
		rows[string(it.Key())] = string(it.Value())
	}
	if err := it.Close(); err != nil {
		return 0, err
	}
	if number, ok := rows["number"]; ok {
		fmt.Sscan(number, &n)
	}
	if !maps.Equal(rows, h.states[n]) {
		return n, fmt.Errorf("%d rows are not those after %d commits", len(rows), n)
	}
	return n, nil
}

// moment is what a kill would have left.
type moment struct {
	disk   *layer
	step   string
	acked  int // commits that were answered
	closed bool
}

var tiny = Options{WriteBuffer: 64 << 10, BlockSize: 1 << 10}

// record writes a database, in several openings, and returns what there is at each
// step.
func record(t *testing.T, h *numbered) []moment {
	t.Helper()
	l := newLayer()
	var acked atomic.Int64
	var moments []moment
	writes := 0
	take := func(step string, closed bool) {
		moments = append(moments, moment{l.copy(), step, int(acked.Load()), closed})
	}
	l.step = func(what string) {
		if what == "write" {
			// Of the pieces of tables there are many.
			if writes++; writes%7 != 0 {
				return
			}
		}
		take(what, false)
	}
	next := 1
	for session := range 6 {
		db, err := OpenStorage(l, &tiny)
		if err != nil {
			t.Fatal(err)
		}
		for range (len(h.states) - 1) / 6 {
			if err := h.commit(db, next); err != nil {
				t.Fatal(err)
			}
			acked.Store(int64(next))
			next++
		}
		if session%2 == 1 {
			for range 2 { // the second finds nothing to write
				if err := db.Compact(background, nil, nil); err != nil {
					t.Fatal(err)
				}
			}
		}
		if session%3 == 2 {
			l = kill(l) // and the rest of it writes to a disk that nobody reads
			continue
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		l.mu.Lock()
		take("closed", true)
		l.mu.Unlock()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.step = nil
	return moments
}

// kill returns the disk of a process that is killed.
func kill(l *layer) *layer {
	l.mu.Lock()
	defer l.mu.Unlock()
	after := l.copy()
	after.step, l.step = l.step, nil
	return after
}

// A process may be killed at any step: what is left opens, with all that was
// answered, for reading and for writing.
func TestKilledAtEachStep(t *testing.T) {
	h := makeNumbered(300)
	moments := record(t, h)
	seen := map[string]int{}
	for i, m := range moments {
		seen[m.step]++
		for _, o := range []Options{tiny, {ReadOnly: true}} {
			if o.ReadOnly && (i%5 != 0 || m.acked == 0) {
				continue
			}
			n, err := h.read(m.disk.copy(), o)
			if err != nil || n < m.acked || n > m.acked+1 {
				t.Fatalf("killed at step %d, a %s, with %d commits: found %d, %v\n%s", i, m.step, m.acked, n, err, m.disk.list())
			}
		}
	}
	t.Logf("killed at: %v", seen)
	for _, what := range []string{"create", "write", "switch", "remove", "closed"} {
		if seen[what] == 0 {
			t.Errorf("never killed at a %s", what)
		}
	}
}

func (l *layer) list() string {
	var b strings.Builder
	for fd, data := range l.files {
		fmt.Fprintf(&b, "%s %d\n", fd, len(data))
	}
	fmt.Fprintf(&b, "current: %s", l.meta)
	return b.String()
}

// holds checks a database that lost something: it has all its commits, or is
// refused, and then nothing in it has changed.
func (h *numbered) holds(l *layer, least int) (refused bool, err error) {
	before := l.copy()
	n, err := h.read(l, tiny)
	if errors.Is(err, engine.ErrCorrupt) {
		if !l.equal(before) {
			return true, fmt.Errorf("it was refused, and changed:\n%s\n%s", before.list(), l.list())
		}
		if !strings.Contains(err.Error(), "restore a backup") {
			return true, fmt.Errorf("the error does not say what to do: %w", err)
		}
		return true, nil
	}
	if err != nil {
		return false, err
	}
	if n < least {
		return false, fmt.Errorf("it opens with %d of %d commits", n, least)
	}
	return false, nil
}

// Each file of a closed database is cut at each byte, and taken away: the database
// has everything, or is refused, and nothing is deleted.
func TestEachFileCut(t *testing.T) {
	h := makeNumbered(300)
	closed := closedMoment(t, h)
	whole := closed.disk
	refused, opened := map[storage.FileType]int{}, map[storage.FileType]int{}
	for fd, data := range whole.files {
		for at := -1; at < len(data); at++ {
			// Where a table is cut is no matter.
			if inside := at > 100 && at < len(data)-100; inside && (fd.Type == storage.TypeTable && at%101 != 0 || !*everyByte && at%17 != 0) {
				continue
			}
			l := whole.copy()
			if l.files[fd] = data[:max(at, 0):max(at, 0)]; at < 0 {
				delete(l.files, fd)
			}
			was, err := h.holds(l, closed.acked)
			if err != nil {
				t.Fatalf("%s of %d bytes is cut at %d: %v\nof:\n%s", fd, len(data), at, err, whole.list())
			}
			if was {
				refused[fd.Type]++
			} else {
				opened[fd.Type]++
			}
		}
	}
	t.Logf("refused %v, opened %v", refused, opened)
	for _, ft := range []storage.FileType{storage.TypeTable, storage.TypeJournal, storage.TypeManifest} {
		if refused[ft] == 0 || opened[ft] > 0 && ft != storage.TypeManifest {
			t.Errorf("of %s, %d cuts were refused, %d opened", ft, refused[ft], opened[ft])
		}
	}
	// A note with a digit that is another says nothing either, whatever it says.
	for at, c := range whole.files[noteFile] {
		if c < '0' || c > '9' {
			continue
		}
		l := whole.copy()
		l.files[noteFile] = bytes.Clone(whole.files[noteFile])
		l.files[noteFile][at] = '0' + '9' - c
		if was, err := h.holds(l, closed.acked); was || err != nil {
			t.Errorf("with byte %d of the note changed: refused %v, %v", at, was, err)
		}
	}
	for at := range whole.files[noteFile] {
		l := whole.copy()
		l.files[noteFile] = whole.files[noteFile][:at:at]
		if was, err := h.holds(l, closed.acked); was || err != nil {
			t.Errorf("without a whole note: refused %v, %v", was, err)
		}
	}
}

// The end of a journal or manifest of a closed database reads as zeros from each byte
// on, as file systems leave what was not written: what was closed in order was.
func TestEachFileZeroed(t *testing.T) {
	h := makeNumbered(300)
	closed := closedMoment(t, h)
	for fd, data := range closed.disk.files {
		if fd.Type != storage.TypeJournal && fd.Type != storage.TypeManifest {
			continue
		}
		refused := 0
		for at := range data {
			if inside := at > 100 && at < len(data)-100; inside && !*everyByte && at%17 != 0 {
				continue
			}
			l := closed.disk.copy()
			l.files[fd] = append(data[:at:at], make([]byte, len(data)-at)...)
			if bytes.Equal(l.files[fd], data) {
				continue
			}
			was, err := h.holds(l, closed.acked)
			if err != nil {
				t.Fatalf("%s of %d bytes is zero from %d on: %v\nof:\n%s", fd, len(data), at, err, closed.disk.list())
			}
			if !was {
				t.Fatalf("%s of %d bytes is zero from %d on, and nobody has noticed", fd, len(data), at)
			}
			refused++
		}
		if len(data) > 0 && refused == 0 {
			t.Errorf("%s: nothing was tried", fd)
		}
	}
}

// closedMoment is one at which the database was closed with tables, and commits in journals
// that all count. One that was written to a table in the moment before the closing may be there
// still, and its loss is none: it depends on how goleveldb's goroutines run, so that several
// recordings may be needed.
func closedMoment(t *testing.T, h *numbered) moment {
	t.Helper()
	for range 30 {
		for _, m := range slices.Backward(record(t, h)) {
			if m.closed && m.counts(t) {
				return m
			}
		}
	}
	t.Fatal("never closed with tables, and with commits in journals that count and in no other")
	return moment{}
}

// counts reports whether there are tables, and commits in journals that count and in no other.
func (m *moment) counts(t *testing.T) bool {
	t.Helper()
	r, err := m.disk.Open(m.disk.meta)
	if err != nil {
		t.Fatal(err)
	}
	v, err := readVersion(r, int64(len(m.disk.files[m.disk.meta])))
	if err != nil {
		t.Fatal(err)
	}
	tables, count, old := 0, 0, 0
	for fd, data := range m.disk.files {
		switch {
		case fd.Type == storage.TypeTable:
			tables++
		case fd.Type != storage.TypeJournal || len(data) == 0:
		case fd.Num < v.journal:
			old++
		default:
			count++
		}
	}
	return tables > 0 && count > 0 && old == 0
}

// A database that a kill has left at any step loses a file, or its end: what shows
// is everything, or an error. The last commits in a journal alone can be lost
// without a trace, as a power cut takes them too.
func TestLossAfterKill(t *testing.T) {
	h := makeNumbered(300)
	moments := record(t, h)
	rng := rand.New(rand.NewPCG(1, 7))
	refused, opened := 0, 0
	apart := 9
	if *everyByte {
		apart = 3
	}
	manifests := map[storage.FileDesc][]byte{}
	for i, m := range moments {
		if m.step == "write" && i%apart != 0 {
			continue
		}
		for fd, data := range m.disk.files {
			if fd == noteFile {
				continue
			}
			cuts := []int{-1, 0, len(data) - 1, rng.IntN(len(data) + 1)}
			if fd.Type == storage.TypeManifest {
				cuts = append(cuts, ends(t, data)...)
			}
			for _, at := range cuts {
				if at == len(data) || len(data) == 0 && at >= 0 {
					continue
				}
				l := m.disk.copy()
				if l.files[fd] = data[:max(at, 0):max(at, 0)]; at < 0 {
					delete(l.files, fd)
				}
				least := m.acked
				if fd.Type == storage.TypeJournal && at >= 0 && !m.closed || m.disk.meta.Type == 0 {
					least = 0
				}
				was, err := h.holds(l, least)
				if err != nil {
					t.Fatalf("killed at step %d, a %s, with %d commits; %s of %d bytes is cut at %d: %v\nof:\n%s",
						i, m.step, m.acked, fd, len(data), at, err, m.disk.list())
				}
				if was {
					refused++
				} else {
					opened++
				}
			}
		}
		// An older or younger manifest is named, which may have been removed.
		for fd, data := range m.disk.files {
			if fd.Type == storage.TypeManifest {
				manifests[fd] = data
			}
		}
		for fd, data := range manifests {
			if m.disk.meta.Type != 0 {
				l := m.disk.copy()
				l.files[fd], l.meta = data, fd
				if _, err := h.holds(l, m.acked); err != nil {
					t.Fatalf("killed at step %d, a %s, with %d commits; %s is named current: %v\nof:\n%s",
						i, m.step, m.acked, fd, err, m.disk.list())
				}
			}
		}
	}
	t.Logf("%d losses refused, %d opened with everything", refused, opened)
	if refused == 0 || opened == 0 {
		t.Error("all losses look the same")
	}
}

// ends returns where the edits of a manifest end.
func ends(t *testing.T, data []byte) (ends []int) {
	t.Helper()
	r := bytes.NewReader(data)
	recs := journal.NewReader(r, nil, true, true)
	for {
		rec, err := recs.Next()
		if err != nil {
			return ends
		}
		b, err := io.ReadAll(rec)
		if err != nil {
			return ends
		}
		last := 0
		if len(ends) > 0 {
			last = ends[len(ends)-1]
		}
		ends = append(ends, last+headerSize+len(b))
	}
}
