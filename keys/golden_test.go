package keys_test

import (
	"encoding/hex"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/keys"
)

var update = flag.Bool("update", false, "write the golden files again; bytes that change there make existing databases unreadable")

// checkGolden compares lines of tab-separated columns with testdata/name.golden.
func checkGolden(t *testing.T, name string, lines []string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	got := strings.Join(lines, "\n") + "\n"
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (run go test ./keys -update)", err)
	}
	if diff := gocmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs: existing databases could not be read (-want +got):\n%s", path, diff)
	}
}

// TestGolden pins the bytes of every kind, in the order in which they sort, and decodes what the files hold.
func TestGolden(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			var lines []string
			for _, v := range k.inOrder() {
				lines = append(lines, fmt.Sprintf("%s\t%s\t%x", k.name, k.format(v), k.append(nil, v)))
			}
			checkGolden(t, k.name, lines)

			file, err := os.ReadFile(filepath.Join("testdata", k.name+".golden"))
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(string(file)) {
				columns := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
				if len(columns) != 3 {
					t.Fatalf("line %q has %d columns, want 3", line, len(columns))
				}
				key, err := hex.DecodeString(columns[2])
				if err != nil {
					t.Fatalf("line %q: %v", line, err)
				}
				r := keys.NewReader(key)
				got := k.format(k.read(&r))
				if columns[1] == "-0" && strings.HasPrefix(k.name, "float") {
					columns[1] = "0" // the one value that is not kept
				}
				if got != columns[1] || r.Done() != nil {
					t.Errorf("%s decodes to %s (error %v), want %s", columns[2], got, r.Done(), columns[1])
				}
			}
		})
	}
}

// TestGoldenComposite pins keys of several components, prefixes and the ends of their ranges.
func TestGoldenComposite(t *testing.T) {
	at := time.Date(2024, 2, 29, 12, 0, 0, 500, time.UTC)
	vectors := []struct {
		what string
		key  []byte
	}{
		{`string "alice", int64 100`, keys.AppendInt64(keys.AppendString(nil, "alice"), 100)},
		{`string "bob", int64 50`, keys.AppendInt64(keys.AppendString(nil, "bob"), 50)},
		{`string "bob", int64 100`, keys.AppendInt64(keys.AppendString(nil, "bob"), 100)},
		{`string "a", string_last "bc"`, keys.AppendStringLast(keys.AppendString(nil, "a"), "bc")},
		{`string "ab", string_last "c"`, keys.AppendStringLast(keys.AppendString(nil, "ab"), "c")},
		{`string "ns", string "t", uint32 2`, keys.AppendUint32(keys.AppendString(keys.AppendString(nil, "ns"), "t"), 2)},
		{`string "ns", string "t", uint32 10`, keys.AppendUint32(keys.AppendString(keys.AppendString(nil, "ns"), "t"), 10)},
		{`enum 1, time_desc 2024-02-29T12:00:00.0000005Z, string_last "job-7"`,
			keys.AppendStringLast(keys.AppendTimeDesc(keys.AppendEnum(nil, 1), at), "job-7")},
		{`uvarint 300, string_desc "b", bool true`, keys.AppendBool(keys.AppendStringDesc(keys.AppendUvarint(nil, 300), "b"), true)},
		{`string_prefix "al"`, keys.AppendStringPrefix(nil, "al")},
		{`string_prefix "a\x00"`, keys.AppendStringPrefix(nil, "a\x00")},
		{`string_prefix_desc "al"`, keys.AppendStringPrefixDesc(nil, "al")},
		{`bytes_prefix "\x00\xff"`, keys.AppendBytesPrefix(nil, []byte("\x00\xff"))},
		{`bytes_prefix_desc "\x00\xff"`, keys.AppendBytesPrefixDesc(nil, []byte("\x00\xff"))},
		{`successor of string_prefix "al"`, keys.Successor(keys.AppendStringPrefix(nil, "al"))},
		{`successor of string "al"`, keys.Successor(keys.AppendString(nil, "al"))},
		{`successor of int64 -1`, keys.Successor(keys.AppendInt64(nil, -1))},
		{`successor of string_prefix "\xff", none`, keys.Successor(keys.AppendStringPrefix(nil, "\xff"))},
		{`successor of uint64 18446744073709551615, none`, keys.Successor(keys.AppendUint64(nil, math.MaxUint64))},
	}
	var lines []string
	for _, v := range vectors {
		lines = append(lines, fmt.Sprintf("%s\t%x", v.what, v.key))
	}
	checkGolden(t, "composite", lines)
}

// TestGoldenFold pins what indexes that ignore case hold.
func TestGoldenFold(t *testing.T) {
	var lines []string
	for _, s := range []string{
		"", "alice", "Alice", "ALICE", "Straße", "STRASSE", "STRAẞE", "Ångström", "\u212bngstr\u00f6m", "\u212a", "ΣΊΣΥΦΟΣ", "σίσυφος",
		"İstanbul", "ISTANBUL", "ılık", "ǅ", "ſ", "µ", "\u0345", "Ꭰ", "ꭰ", "Ⴀ", "Ა", "ა", "Ⱥ", "𐐀", "É", "E\u0301", "日本", "A\xffB", "\xc3", "\ufffd",
	} {
		lines = append(lines, fmt.Sprintf("%+q\t%+q", s, keys.Fold(s)))
	}
	checkGolden(t, "fold", lines)
}
