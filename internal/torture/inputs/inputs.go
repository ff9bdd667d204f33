// Package inputs runs fuzz targets on millions of inputs in one process. Go's own
// fuzzing finds its way by coverage, but spends more time on every input than
// most decoders need for a hundred. A target that is written with this package
// is an ordinary one; with the flag -inputs it runs, beside its seeds, that many
// inputs which follow from the seeds, from what native fuzzing has kept, and
// from a number, so that a run can be repeated.
//
// The package knows nothing of what it feeds.
package inputs

import (
	"bytes"
	"flag"
	"fmt"
	"hash/maphash"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	count  = flag.Int("inputs", 0, "how many inputs each fuzz target is run on, beside its seeds")
	seed   = flag.Uint64("inputs.seed", 1, "what the inputs follow from")
	corpus = flag.String("inputs.corpus", "", "a folder with a corpus for each target, as in fuzz/<package> of Go's build cache")
)

// F is a testing.F that remembers its seeds.
type F struct {
	*testing.F
	seeds [][]any
}

// New begins a fuzz target.
func New(f *testing.F) *F { return &F{F: f} }

// Add adds a seed, as testing.F does.
func (f *F) Add(args ...any) {
	f.F.Helper()
	f.seeds = append(f.seeds, args)
	f.F.Add(args...)
}

// Fuzz runs the target as testing.F does. With -inputs it also runs that many
// inputs in the first of its subtests; one that fails is logged in the form of a
// file of testdata/fuzz. The target must not skip.
func (f *F) Fuzz(target any) {
	f.F.Helper()
	if *count == 0 {
		f.F.Fuzz(target)
		return
	}
	fn := reflect.ValueOf(target)
	f.load(filepath.Join("testdata", "fuzz", f.Name()), fn.Type())
	if *corpus != "" {
		f.load(filepath.Join(*corpus, f.Name()), fn.Type())
	}
	if len(f.seeds) == 0 {
		f.F.Add(zeros(fn.Type())...)
		f.seeds = append(f.seeds, zeros(fn.Type()))
	}
	var once sync.Once
	f.F.Fuzz(reflect.MakeFunc(fn.Type(), func(args []reflect.Value) []reflect.Value {
		fn.Call(args)
		once.Do(func() { run(args[0].Interface().(*testing.T), fn, f.seeds) })
		return nil
	}).Interface())
}

func zeros(fn reflect.Type) []any {
	var out []any
	for i := 1; i < fn.NumIn(); i++ {
		out = append(out, reflect.Zero(fn.In(i)).Interface())
	}
	return out
}

// load reads the files of a corpus. Those of another signature are left out, and
// those that are longer than all seeds: they take long and tell little more.
func (f *F) load(dir string, fn reflect.Type) {
	longest := longestOf(f.seeds)
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		if args, err := parse(b); err == nil && fits(args, fn) && size(args) <= longest {
			f.seeds = append(f.seeds, args)
		}
	}
}

func fits(args []any, fn reflect.Type) bool {
	if len(args) != fn.NumIn()-1 {
		return false
	}
	for i, a := range args {
		if reflect.TypeOf(a) != fn.In(i+1) {
			return false
		}
	}
	return true
}

const fileHead = "go test fuzz v1\n"

// parse reads a file of a corpus, as far as targets have such arguments.
func parse(b []byte) ([]any, error) {
	text, ok := strings.CutPrefix(string(b), fileHead)
	if !ok {
		return nil, fmt.Errorf("it does not begin with %q", fileHead)
	}
	var out []any
	for line := range strings.Lines(text) {
		typ, rest, _ := strings.Cut(strings.TrimSpace(line), "(")
		arg := strings.TrimSuffix(rest, ")")
		var v any
		var err error
		switch typ {
		case "":
			continue
		case "[]byte":
			var s string
			s, err = strconv.Unquote(arg)
			v = []byte(s)
		case "string":
			v, err = strconv.Unquote(arg)
		case "int64":
			v, err = strconv.ParseInt(arg, 0, 64)
		case "uint64":
			v, err = strconv.ParseUint(arg, 0, 64)
		default:
			err = fmt.Errorf("no argument is of type %s", typ)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// format is what parse reads.
func format(args []any) string {
	var b strings.Builder
	b.WriteString(fileHead)
	for _, a := range args {
		switch a := a.(type) {
		case []byte:
			fmt.Fprintf(&b, "[]byte(%q)\n", a)
		case string:
			fmt.Fprintf(&b, "string(%q)\n", a)
		default:
			fmt.Fprintf(&b, "%T(%d)\n", a, a)
		}
	}
	return b.String()
}

// run feeds the target.
func run(t *testing.T, fn reflect.Value, seeds [][]any) {
	m := newMutator(*seed, seeds)
	var args []any
	done := false
	defer func() {
		// The target has failed, or it panics: the input is needed either way.
		if !done {
			t.Logf("it fails with:\n%s", format(args))
		}
	}()
	begun := time.Now()
	in := []reflect.Value{reflect.ValueOf(t)}
	for n := range *count {
		if n > 0 && n%(*count/10+1) == 0 {
			t.Logf("%d inputs in %v", n, time.Since(begun).Round(time.Second))
		}
		args = m.next()
		in = in[:1]
		for _, a := range args {
			in = append(in, reflect.ValueOf(a))
		}
		fn.Call(in)
		if t.Failed() {
			t.FailNow()
		}
	}
	done = true
	took := time.Since(begun)
	t.Logf("%d inputs, about %d of them different, from %d seeds, in %v: %.0f a second",
		*count, m.different(), len(seeds), took.Round(time.Second), float64(*count)/took.Seconds())
}

// longestOf is the size of the longest input, and at least some.
func longestOf(seeds [][]any) int {
	longest := 128
	for _, args := range seeds {
		longest = max(longest, size(args))
	}
	return longest
}

// mutator makes inputs.
type mutator struct {
	rng   *rand.Rand
	seeds [][]any
	kept  [][]any  // inputs to go on from, so that a few seeds lead far
	pool  [][]byte // all texts of the seeds, to copy from
	hash  maphash.Hash
	seen  []uint64 // a bit for each hash, to estimate how many inputs differ
	bits  int

	most     int // the length above which no text grows
	keepSize int // the length above which inputs are not kept
}

// size is the length of all texts of an input.
func size(args []any) (n int) {
	for _, a := range args {
		switch a := a.(type) {
		case []byte:
			n += len(a)
		case string:
			n += len(a)
		}
	}
	return n
}

func newMutator(seed uint64, seeds [][]any) *mutator {
	const bits = 1 << 27
	m := &mutator{rng: rand.New(rand.NewPCG(seed, 31)), seeds: seeds, seen: make([]uint64, bits/64), bits: bits}
	total := 0
	for _, args := range seeds {
		total += size(args)
		for _, a := range args {
			switch a := a.(type) {
			case []byte:
				m.pool = append(m.pool, a)
			case string:
				m.pool = append(m.pool, []byte(a))
			}
		}
	}
	m.pool = append(m.pool, []byte{0})
	m.most = 2 * longestOf(seeds)
	m.keepSize = max(64, 2*total/len(seeds))
	return m
}

// next makes an input: a seed of which one or more arguments are changed.
func (m *mutator) next() []any {
	from := m.seeds[m.rng.IntN(len(m.seeds))]
	if len(m.kept) > 0 && m.rng.IntN(2) == 0 {
		from = m.kept[m.rng.IntN(len(m.kept))]
	}
	args := make([]any, len(from))
	must := m.rng.IntN(len(from)) // at least this one is changed
	m.hash.Reset()
	for i, a := range from {
		change := i == must || m.rng.IntN(2) == 0
		switch a := a.(type) {
		case []byte:
			if change {
				a = m.mutate(a)
			} else {
				a = bytes.Clone(a) // the target may write to it
			}
			args[i] = a
			m.hash.Write(a)
		case string:
			if change {
				a = string(m.mutate([]byte(a)))
			}
			args[i] = a
			m.hash.WriteString(a)
		case int64:
			if change {
				a = int64(m.number(uint64(a)))
			}
			args[i] = a
			maphash.WriteComparable(&m.hash, a)
		case uint64:
			if change {
				a = m.number(a)
			}
			args[i] = a
			maphash.WriteComparable(&m.hash, a)
		default:
			panic(fmt.Sprintf("inputs: arguments of type %T cannot be made", a))
		}
		m.hash.WriteByte(0xFF)
	}
	h := m.hash.Sum64() % uint64(m.bits)
	m.seen[h/64] |= 1 << (h % 64)
	m.keep(args)
	return args
}

// mostKept bounds the inputs that others follow from.
const mostKept = 4096

// keep keeps some of the inputs, but none much longer than the seeds: inputs of
// inputs would grow without an end.
func (m *mutator) keep(args []any) {
	if m.rng.IntN(64) > 0 || size(args) > m.keepSize {
		return
	}
	own := make([]any, len(args))
	for i, a := range args {
		if b, ok := a.([]byte); ok {
			a = bytes.Clone(b)
		}
		own[i] = a
	}
	if len(m.kept) < mostKept {
		m.kept = append(m.kept, own)
	} else {
		m.kept[m.rng.IntN(mostKept)] = own
	}
}

// different estimates how many inputs differ, by linear counting.
func (m *mutator) different() int {
	zero := 0
	for _, w := range m.seen {
		for ; w != ^uint64(0); w |= w + 1 {
			zero++
		}
	}
	return int(float64(m.bits)*math.Log(float64(m.bits)/float64(max(zero, 1))) + 0.5)
}

// number changes a number a little, or replaces it.
func (m *mutator) number(n uint64) uint64 {
	switch m.rng.IntN(4) {
	case 0:
		return n ^ 1<<m.rng.IntN(64)
	case 1:
		return n + uint64(m.rng.IntN(33)) - 16
	}
	return m.any()
}

// any is a number of any length, often one beside a power of two.
func (m *mutator) any() uint64 {
	if m.rng.IntN(2) == 0 {
		return 1<<m.rng.IntN(64) + uint64(m.rng.IntN(3)) - 1
	}
	return m.rng.Uint64() >> m.rng.IntN(64)
}

// bytesOfNote are those that encodings and texts give a meaning to.
var bytesOfNote = []byte{0, 1, 2, 0x7F, 0x80, 0xF7, 0xF8, 0xFE, 0xFF, '\n', ' ', '"', '#', '%', '\'', '(', ')', '*', ',', '-', '/', ':', '?', '[', '\\', ']', '{', '|', '}', '~', '\t', '0', '9', 'a'}

// mutate makes a changed copy.
func (m *mutator) mutate(from []byte) []byte {
	rng := m.rng
	b := append(make([]byte, 0, len(from)+32), from...)
	if rng.IntN(64) == 0 { // nothing is left of it
		b = b[:0]
		for range rng.IntN(40) {
			b = append(b, byte(rng.Uint32()))
		}
	}
	// Mostly one change, so that what is behind it still means something.
	for n := 1 + int(rng.ExpFloat64()); n > 0; n-- {
		b = m.change(b)
	}
	if len(b) > m.most {
		b = b[:m.most]
	}
	return b
}

func (m *mutator) change(b []byte) []byte {
	rng := m.rng
	at := rng.IntN(len(b) + 1)
	upTo := func(end int) int { // the end of a stretch, mostly a short one
		return min(end, at+1+int(rng.ExpFloat64()*6))
	}
	kind := rng.IntN(12)
	if at == len(b) && kind < 6 {
		kind = 6 + rng.IntN(6)
	}
	switch kind {
	case 0:
		b[at] ^= 1 << rng.IntN(8)
		return b
	case 1:
		b[at] = bytesOfNote[rng.IntN(len(bytesOfNote))]
		return b
	case 2:
		b[at] += byte(rng.IntN(33) - 16)
		return b
	case 3: // a stretch goes
		return append(b[:at], b[upTo(len(b)):]...)
	case 4: // a stretch comes twice
		return insert(b, at, bytes.Clone(b[at:upTo(len(b))]))
	case 5:
		if rng.IntN(4) > 0 { // lengths stand near the front
			at = rng.IntN(min(len(b), 16))
		}
		b[at] = byte(rng.Uint32())
		return b
	case 6:
		return b[:at]
	case 7: // a number comes in, in one of its forms
		var form []byte
		switch n := m.any(); rng.IntN(4) {
		case 0:
			for ; n >= 0x80; n >>= 7 {
				form = append(form, byte(n)|0x80)
			}
			form = append(form, byte(n))
		case 1:
			form = []byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}
		case 2:
			form = []byte{byte(n >> 56), byte(n >> 48), byte(n >> 40), byte(n >> 32), byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}
		default:
			form = strconv.AppendUint(nil, n, 10)
		}
		if rng.IntN(2) == 0 {
			return insert(b, at, form)
		}
		copy(b[at:], form)
		return b
	case 8:
		return insert(b, at, []byte{bytesOfNote[rng.IntN(len(bytesOfNote))]})
	case 9: // the end of another
		other := m.pool[rng.IntN(len(m.pool))]
		return append(b[:at], other[rng.IntN(len(other)+1):]...)
	}
	// A stretch of another, put in or written over.
	other := m.pool[rng.IntN(len(m.pool))]
	from := rng.IntN(len(other) + 1)
	part := other[from:min(len(other), from+1+int(rng.ExpFloat64()*12))]
	if kind == 10 {
		return insert(b, at, part)
	}
	copy(b[at:], part)
	return b
}

func insert(b []byte, at int, part []byte) []byte {
	n := len(b)
	b = append(b, part...)
	copy(b[at+len(part):], b[at:n])
	copy(b[at:], part)
	return b
}
