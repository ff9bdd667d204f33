package behaviour

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/storegen/storegen/internal/torture/dynamic"
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/storeimpl"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/describe"
	"github.com/storegen/storegen/schema/load"
)

// Table is a table of a file's schema.
type Table = store.Table[string, dynamic.Row]

// World is where the commands of a file work.
type World struct {
	engines Engines

	eng    *meter
	db     *store.DB
	clock  *store.ManualClock
	set    *schema.Set // of the program that runs, or that was defined last
	last   string
	sets   map[string]*schema.Set // of all programs, by name
	tables map[string]*Table
	codecs map[string]*dynamic.Codec
	txs    map[string]*store.Transaction
	next   store.Cursor[dynamic.Row]
}

// Engines is where a world keeps its database.
type Engines struct {
	Open  func() (engine.Engine, error) // with what was there when it was closed
	Crash func()                        // it loses its power
	Erase func()                        // it is empty from then on
}

// NewWorld makes one over an engine.
func NewWorld(engines Engines) *World {
	return &World{engines: engines, clock: store.NewManualClock(start), sets: map[string]*schema.Set{}}
}

func (w *World) schema(_ context.Context, d *datadriven.TestData) (string, error) {
	var files []schema.Source
	for _, line := range lines(d) {
		if name, ok := strings.CutPrefix(line, "-- "); ok {
			files = append(files, schema.Source{Name: name})
			continue
		}
		if len(files) == 0 {
			return "", errors.New("the first line is `-- NAME.yaml`")
		}
		f := &files[len(files)-1]
		f.Data = append(f.Data, line+"\n"...)
	}
	from := w.last
	if name, ok := arg(d, "from"); ok {
		from = name
	}
	var lock *schema.Source
	if before := w.sets[from]; before != nil {
		lock = &schema.Source{Name: "storegen.lock", Data: before.Lock.Format()}
	}
	set, err := load.Parse(files, lock)
	if err != nil {
		return "", err
	}
	w.last = ""
	if len(d.CmdArgs) > 0 && d.CmdArgs[0].Key != "from" {
		w.last = d.CmdArgs[0].Key
	}
	w.set, w.sets[w.last] = set, set
	return "", nil
}

func (w *World) fresh(ctx context.Context, d *datadriven.TestData) (string, error) {
	out, err := w.closeAll(ctx, d)
	w.engines.Erase()
	return out, err
}

func (w *World) openAll(ctx context.Context, d *datadriven.TestData) (string, error) {
	if w.db != nil {
		if !has(d, "only") {
			return "", errors.New("it is open")
		}
		return w.openTables(ctx, d)
	}
	if name, ok := arg(d, "program"); ok {
		w.set = w.sets[name]
	}
	if w.set == nil {
		return "", errors.New("there is no such schema")
	}
	eng, err := w.engines.Open()
	if err != nil {
		return "", err
	}
	w.eng = newMeter(eng)
	if has(d, "readonly") {
		w.eng.cut(0, engine.ErrReadOnly)
	}
	opts := []store.Option{store.WithClock(w.clock)}
	if has(d, "migrate") {
		opts = append(opts, store.WithMigrate())
	}
	if n, ok := arg(d, "cut"); ok {
		behind, err := strconv.Atoi(n)
		if err != nil {
			return "", err
		}
		w.eng.cut(behind, errPower)
	}
	w.db, err = store.Open(ctx, w.eng, opts...)
	if err != nil {
		return "", errors.Join(err, eng.Close())
	}
	w.tables, w.codecs, w.txs = map[string]*Table{}, map[string]*dynamic.Codec{}, map[string]*store.Transaction{}
	return w.openTables(ctx, d)
}

// openTables opens the tables of the program, or the one that is asked for.
func (w *World) openTables(ctx context.Context, d *datadriven.TestData) (string, error) {
	out := ""
	for _, t := range w.set.Tables {
		if only, ok := arg(d, "only"); ok && only != t.Name {
			continue
		}
		codec := dynamic.New(describe.Table(t))
		if len(t.Per) > 0 {
			w.codecs[t.Name] = codec
			continue
		}
		table, err := storeimpl.OpenTyped(ctx, w.db, codec)
		if err != nil {
			out += err.Error() + "\n"
			continue
		}
		w.tables[t.Name], w.codecs[t.Name] = table, codec
	}
	return out, nil
}

func (w *World) closeAll(context.Context, *datadriven.TestData) (string, error) {
	if w.db == nil {
		return "", nil
	}
	for _, tx := range w.txs {
		_ = tx.Rollback() // its outcome is not asked for
	}
	err := w.db.Close()
	w.db, w.eng = nil, nil
	return "", err
}

// table is the table that a command is about, in its transaction and for its principal.
func (w *World) table(d *datadriven.TestData) (*Table, *dynamic.Codec, error) {
	name := first(d)
	t := w.tables[name]
	if t == nil {
		return nil, nil, fmt.Errorf("table %q is not open", name)
	}
	if tx, ok := arg(d, "tx"); ok {
		if w.txs[tx] == nil {
			return nil, nil, fmt.Errorf("there is no transaction %q", tx)
		}
		t = t.In(w.txs[tx].Tx())
	}
	if user, ok := arg(d, "as"); ok {
		role := access.User
		if text, ok := arg(d, "role"); ok {
			var err error
			if role, err = access.ParseRole(text); err != nil {
				return nil, nil, err
			}
		}
		t = t.As(access.Principal{User: user, Role: role})
	}
	return t, w.codecs[name], nil
}

func (w *World) begin(ctx context.Context, d *datadriven.TestData) (string, error) {
	tx, err := w.db.Begin(ctx)
	if err == nil {
		w.txs[first(d)] = tx
	}
	return "", err
}

func (w *World) end(_ context.Context, d *datadriven.TestData) (string, error) {
	tx := w.txs[first(d)]
	if tx == nil {
		return "", fmt.Errorf("there is no transaction %q", first(d))
	}
	delete(w.txs, first(d))
	if d.Cmd == "commit" {
		return "", tx.Commit()
	}
	return "", tx.Rollback()
}

func (w *World) expire(_ context.Context, d *datadriven.TestData) (string, error) {
	by, err := time.ParseDuration(first(d))
	if err != nil {
		return "", err
	}
	w.clock.Advance(by)
	return formatTime(w.clock.Now()) + "\n", nil
}

func (w *World) cut(_ context.Context, d *datadriven.TestData) (string, error) {
	n, err := number(d, "behind")
	w.eng.cut(n, errPower)
	return "", err
}

func (w *World) crashed(context.Context, *datadriven.TestData) (string, error) {
	w.engines.Crash()
	if w.db != nil {
		_ = w.db.Close() // what it says is lost with the power
	}
	w.db, w.eng, w.next = nil, nil, ""
	return "", nil
}
