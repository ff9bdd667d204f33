package schema

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/storegen/storegen/internal/torture/inputs"
)

// comparePlain reports whether a text is read without the library, which must see
// the same in it then, and no mistake.
func comparePlain(t interface{ Fatalf(string, ...any) }, text string) bool {
	src := newSource("a.yaml", "a.yaml", []byte(text))
	got := plainYAML(src)
	if got == nil {
		return false
	}
	r := newReporter()
	want := r.fullYAML(src)
	if ds := r.result(); ds != nil {
		t.Fatalf("read, in spite of a mistake:\n%s\n%v", text, ds)
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(node{}, pair{}), cmp.Comparer(func(a, b *source) bool { return a == b })); diff != "" {
		t.Fatalf("%s\nread by itself (-library +itself):\n%s", text, diff)
	}
	return true
}

// Most schemas are read without the library.
func TestPlainFiles(t *testing.T) {
	plain, all := 0, 0
	for _, pattern := range []string{"tables/*.yaml", "tables/*/*.yaml", "testdata/language/*.yaml", "testdata/language/*/*.yaml", "testdata/errors/*/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v, %v", pattern, files, err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			all++
			if comparePlain(t, string(data)) {
				plain++
			}
		}
	}
	t.Logf("%d of %d files", plain, all)
	if plain < all/2 {
		t.Errorf("%d of %d files, want half at least", plain, all)
	}
}

func TestPlain(t *testing.T) {
	plain := []string{
		"a: b", "a: b\n", "\n# c\na: b # c\n\n", "a:\n", "a:\nb:\n", "a: # c\n  # d\n  b: c\n", "a:\n    b:\n     c: d\n    e: f\ng: h\n",
		"a: [b, c d, e?]", "a: {b: c, d: [e], f: {}, g: []} # h\n", "a: {b: 'c: d', e: \"[]f\"}", "a: ''\nb: \"\"\n",
		"a.b: c:d - [e] {f}, 'g' \"h\" & * ! | > % @ `\n", "a: b#c", "a: null\nb: 1.5\nc: true\n", "a: [b  ,  c  ]  \n", "a: b  \n",
	}
	for _, text := range plain {
		if !comparePlain(t, text) {
			t.Errorf("left to the library: %q", text)
		}
	}
	others := []string{
		"", "\n", "# c\n", "a", "- a", "a: - b", "a:b", "a : b", "a: b: c", "a: b:", " a: b", "a: b\n c", "a: b\n c: d\n", "a: [b\n]", "a: [b", "a: [b]c", "a: [b]#c",
		"a:\n- b\n", "a:\n  - b\n", "a: &b c", "a: *b", "a: !b c", "a: |\n  b\n", "a: >\n  b\n", "a: \"b\\n\"", "a: 'b''c'", "a: 'b\n  c'", "a: {b}", "a: [b: c]",
		"a: {b:c}", "a: [b, ]", "a: [,]", "a: [[]b]", "a: {b: []c}", "a: b\na: c\n", "a: {b: c, b: d}", "<<: a", "? a", "a: ?b", "a: -1", "a: é", "a:\tb", "a: b\r\n",
		"---\na: b\n", "a: b\n---\nc: d\n", "a: b\n...\n", "%YAML 1.2\n---\na: b\n", "\"a\": b", "a:\n    b: c\n  d: e\n", "a:\n  b:\n    c: d\n   e: f\n", "1a: b",
		"a: " + strings.Repeat("[", 40) + strings.Repeat("]", 40), "a: " + strings.Repeat("b", 2000), "a: [b ?]", "a: [b:c]",
	}
	for _, text := range others {
		if comparePlain(t, text) {
			t.Errorf("not left to the library: %q", text)
		}
	}
}

// Texts of the pieces that have a meaning in YAML are read as the library does.
func TestPlainAtRandom(t *testing.T) {
	pieces := rapid.SampledFrom(strings.Split("a b a.b 1 _ -1 1.5 a: b: c: a:b : , [ ] { } [] {} ' \" 'a' \"b\" 'a: \"b \\ # #a - ? a? ?a & * ! | > % @ ` ( ) = == < <= ~ null true << / --- ... é \t \r \ufeff", " "))
	gaps := rapid.SampledFrom([]string{"", " ", " ", " ", "  ", ", ", ": "})
	line := rapid.Custom(func(t *rapid.T) string {
		var b strings.Builder
		b.WriteString(strings.Repeat(" ", rapid.SampledFrom([]int{0, 0, 0, 2, 2, 4, 1}).Draw(t, "indent")))
		b.WriteString(rapid.SampledFrom([]string{"", "k: ", "k: ", "l: ", "m:", "n: [", "o: {p: ", "# ", "- "}).Draw(t, "begin"))
		for range rapid.IntRange(0, 5).Draw(t, "pieces") {
			b.WriteString(pieces.Draw(t, "piece") + gaps.Draw(t, "gap"))
		}
		b.WriteString(rapid.SampledFrom([]string{"", "", "]", "}", " # c", "'"}).Draw(t, "end"))
		return b.String()
	})
	rapid.Check(t, func(t *rapid.T) {
		comparePlain(t, strings.Join(rapid.SliceOfN(line, 1, 6).Draw(t, "lines"), "\n"))
	})
}

func FuzzPlain(tf *testing.F) {
	f := inputs.New(tf)
	f.Add([]byte("table: a.b # c\nkey: [id, 'x']\nfields:\n  id: {type: string?, doc: \"d\"}\n\n  # e\n  x: \"[]string\"\n"))
	f.Fuzz(func(t *testing.T, data []byte) { comparePlain(t, string(data)) })
}
