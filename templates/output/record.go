package output

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/storegen/storegen/templates"
)

// Sum is a hash of some content.
type Sum = [sha256.Size]byte

// A Record is what a run knows of what an earlier one has made, so that it need
// not be made again. It says nothing that could not be found out anew: without a
// record, or with one of another program, all is generated.
type Record struct {
	Inputs Sum                   // of all that the run went by
	Beside map[string]Sum        // of what it went by beside schemas, by its name
	Units  map[string]UnitRecord // by the names of the units
}

// UnitRecord is what was made of a unit.
type UnitRecord struct {
	Fingerprint Sum
	Files       map[string]Sum // by their paths below the output folder
}

// NewRecord returns a record of nothing.
func NewRecord(inputs Sum) *Record {
	return &Record{Inputs: inputs, Beside: map[string]Sum{}, Units: map[string]UnitRecord{}}
}

// Add records a unit, of which no file is known yet.
func (r *Record) Add(name string, fingerprint Sum) {
	r.Units[name] = UnitRecord{Fingerprint: fingerprint, Files: map[string]Sum{}}
}

// AddFile records what was made of a unit that was added before.
func (r *Record) AddFile(f templates.File) { r.Units[f.Unit].Files[f.Path] = sha256.Sum256(f.Content) }

// recordHeader begins a record; another form of it gets another number.
const recordHeader = "storegen record 2\n"

// LoadRecord reads the record of a program. It is nil where there is none, or one
// of another program, or one that is damaged.
func LoadRecord(path string, program Sum) *Record {
	data, err := os.ReadFile(path)
	if err != nil || len(data) < sha256.Size {
		return nil
	}
	body, sum := data[:len(data)-sha256.Size], data[len(data)-sha256.Size:]
	if got := sha256.Sum256(body); !bytes.Equal(got[:], sum) {
		return nil
	}
	text, ours := strings.CutPrefix(string(body), recordHeader)
	if !ours {
		return nil
	}
	r := NewRecord(Sum{})
	var unit UnitRecord
	sums := 0
	for line := range strings.Lines(text) {
		kind, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		digits, name, _ := strings.Cut(rest, " ")
		var sum Sum
		if n, err := hex.Decode(sum[:], []byte(digits[:min(len(digits), 2*len(sum))])); err != nil || n != len(sum) {
			return nil
		}
		switch {
		case kind == "program" && sum == program:
			sums++
		case kind == "inputs":
			r.Inputs = sum
			sums++
		case kind == "beside":
			r.Beside[name] = sum
		case kind == "unit":
			r.Add(name, sum)
			unit = r.Units[name]
		case kind == "file" && unit.Files != nil:
			unit.Files[name] = sum
		default:
			return nil
		}
	}
	if sums != 2 {
		return nil
	}
	return r
}

// Save writes the record of a program, and removes those of projects that have
// not been generated for long.
func (r *Record) Save(path string, program Sum) error {
	b := []byte(recordHeader)
	line := func(kind string, sum Sum, name string) {
		b = append(append(b, kind...), ' ')
		b = hex.AppendEncode(b, sum[:])
		if name != "" {
			b = append(append(b, ' '), name...)
		}
		b = append(b, '\n')
	}
	line("program", program, "")
	line("inputs", r.Inputs, "")
	for name, sum := range r.Beside {
		line("beside", sum, name)
	}
	for name, u := range r.Units {
		line("unit", u.Fingerprint, name)
		for path, sum := range u.Files {
			line("file", sum, path)
		}
	}
	sum := sha256.Sum256(b)
	b = append(b, sum[:]...)
	if err := WriteFile(path, b); err != nil {
		return err
	}
	return removeOld(filepath.Dir(path), filepath.Ext(path))
}

// recordAge is how long a record stays that no run has written again.
const recordAge = 90 * 24 * time.Hour

func removeOld(dir, ext string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && filepath.Ext(e.Name()) == ext && time.Since(info.ModTime()) > recordAge {
			os.Remove(filepath.Join(dir, e.Name())) // another run may have been first
		}
	}
	return nil
}
