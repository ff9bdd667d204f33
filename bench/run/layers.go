package main

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"runtime/pprof"
	"strings"
	"time"

	samples "github.com/google/pprof/profile"
	"github.com/storegen/storegen/bench"
)

// layer is a part of the program that processor time is counted for: the innermost
// function of a sample that belongs to one decides, so that what a layer has the Go
// runtime do, copies and allocations, is counted as its own.
type layer struct {
	name     string
	packages []string // that functions' names begin with
}

var layers = []layer{
	{"system calls", []string{"syscall.", "internal/runtime/syscall", "internal/poll."}},
	{"goleveldb", []string{"github.com/syndtr/goleveldb/", "github.com/golang/snappy"}},
	{"engine, transactions", []string{"github.com/storegen/storegen/runtime/engine"}},
	{"store", []string{"github.com/storegen/storegen/runtime/store", "github.com/storegen/storegen/runtime/internal/", "github.com/storegen/storegen/runtime/provider", "github.com/storegen/storegen/runtime/access"}},
	{"codec, keys, generated code", []string{"github.com/storegen/storegen/keys", "github.com/storegen/storegen/runtime/record", "github.com/storegen/storegen/bench/db/"}},
	{"code by hand, benchmark", []string{"github.com/storegen/storegen/bench.", "main."}},
}

// Two more, which the whole stack decides.
const (
	compaction = "compaction"
	rest       = "collector, scheduler"
)

// background is what stacks of goleveldb's own goroutines have.
var background = []string{"leveldb.(*DB).tCompaction", "leveldb.(*DB).mCompaction"}

// layerTime is how much processor time each operation is profiled for at least.
const layerTime = 3 * time.Second

// layersReport profiles each operation of the twin and of the generated store, and
// tells how much of a unit's processor time each layer takes.
func layersReport(out *reporter) error {
	var players []*bench.Player
	for _, e := range pair() {
		p, err := bench.NewPlayer(e, *rows, false)
		if err != nil {
			return err
		}
		defer p.Close()
		players = append(players, p)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Microseconds of processor time for a unit, by samples of at least %.0f seconds for each row; %d rows. %s.\n\n", layerTime.Seconds(), *rows, machine())
	names := []string{"goleveldb", compaction}
	for _, l := range layers[2:] {
		names = append(names, l.name)
	}
	names = append(names, layers[0].name, rest)
	fmt.Fprintf(&b, "| | | all | %s |\n|---|---|%s\n", strings.Join(names, " | "), strings.Repeat("---|", len(names)+1))
	for i := range bench.Operations {
		op := &bench.Operations[i]
		if op.Sync || !selected(*only, op.Name) {
			continue
		}
		got := make([]layered, len(players))
		// In turn, since a machine's pace changes.
		for got[len(got)-1].spent < layerTime {
			for i, p := range players {
				if err := got[i].play(p, op); err != nil {
					return fmt.Errorf("%s: %s: %w", p.Name, op.Name, err)
				}
			}
		}
		for i, p := range players {
			fmt.Fprintf(&b, "| %s | %s | %.2f |", op.Name, p.Name, got[i].of(""))
			for _, n := range names {
				fmt.Fprintf(&b, " %.2f |", got[i].of(n))
			}
			b.WriteString("\n")
		}
	}
	for _, p := range players {
		if err := p.Restore(); err != nil {
			return err
		}
	}
	return out.section("layers", b.String())
}

// layered is the processor time of an operation by layers, as far as it was played.
type layered struct {
	units int
	spent time.Duration
	parts map[string]float64 // microseconds; in all under ""
}

// of is what a layer takes of a unit, in microseconds.
func (l *layered) of(name string) float64 { return l.parts[name] / float64(l.units) }

// play plays an operation for a while, with what it leaves to the background.
func (l *layered) play(p *bench.Player, op *bench.Operation) error {
	if err := p.Rest(); err != nil {
		return err
	}
	n, err := op.Prepare(p, max(1, int(float64(op.N)*(*scale)*4)))
	if err != nil {
		return err
	}
	if op.Write {
		waitIdle()
	}
	runtime.GC()
	var buf bytes.Buffer
	if err := pprof.StartCPUProfile(&buf); err != nil {
		return fmt.Errorf("profile: %w", err)
	}
	before := cpuTime()
	err = op.Do(p, n)
	if op.Write {
		waitIdle()
	}
	l.spent += cpuTime() - before
	pprof.StopCPUProfile()
	got, perr := samples.ParseData(buf.Bytes())
	if err := errors.Join(err, perr); err != nil {
		return err
	}
	l.units += n
	if l.parts == nil {
		l.parts = map[string]float64{}
	}
	for _, s := range got.Sample {
		us := float64(s.Value[len(s.Value)-1]) / 1e3
		l.parts[layerOf(s)] += us
		l.parts[""] += us
	}
	return nil
}

// layerOf is the layer that a sample belongs to.
func layerOf(s *samples.Sample) string {
	found := ""
	for _, at := range s.Location { // the innermost first
		for _, line := range at.Line {
			name := line.Function.Name
			for _, part := range background {
				if strings.HasSuffix(name, part) {
					return compaction
				}
			}
			for _, l := range layers {
				for _, prefix := range l.packages {
					if found == "" && strings.HasPrefix(name, prefix) {
						found = l.name
					}
				}
			}
		}
	}
	if found == "" {
		return rest
	}
	return found
}
