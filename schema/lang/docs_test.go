package lang

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// The keys, scalars and words that the language has are all in its document.
func TestDocsAreComplete(t *testing.T) {
	data, err := os.ReadFile("../../docs/schema.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	for _, list := range []*Grammar{TypeGrammar, EnumValueGrammar, FieldGrammar, OwnFieldGrammar, StructFieldGrammar, PerGrammar, TableGrammar, KeyGrammar, RowGrammar, AccessGrammar, IndexGrammar, TTLGrammar, CheckGrammar, ConfigGrammar} {
		for _, key := range list.Names() {
			if !regexp.MustCompile("\\b" + key + ":").MatchString(text) {
				t.Errorf("docs/schema.md has no example of %s:", key)
			}
		}
	}
	for _, s := range ScalarNames {
		if !strings.Contains(text, "`"+s+"`") {
			t.Errorf("docs/schema.md does not tell of %s", s)
		}
	}
	for w := range Words {
		if !strings.Contains(text, "`"+w+"`") {
			t.Errorf("docs/schema.md does not tell of the word %s", w)
		}
	}
	for name := range ReservedPackages {
		if !strings.Contains(text, "`"+name+"`") {
			t.Errorf("docs/schema.md does not tell of the reserved package %s", name)
		}
	}
}
