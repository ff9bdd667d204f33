package sqlshell

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSplit(t *testing.T) {
	for in, want := range map[string][]string{
		"":                                      {"…"},
		"select 1":                              {"…select 1"},
		"select 1;":                             {"select 1;", "…"},
		"a; b;\nc":                              {"a;", "b;", "…\nc"},
		";;":                                    {";", ";", "…"},
		"select ';' ; x":                        {"select ';' ;", "… x"},
		`select "a;""b", [c;], ` + "`d;`" + `;`: {`select "a;""b", [c;], ` + "`d;`" + `;`, "…"},
		"select 'it''s;' || ';':":               {"…select 'it''s;' || ';':"},
		"select 'open;":                         {"…select 'open;"},
		"-- no; statement\nselect 1;":           {"-- no; statement\nselect 1;", "…"},
		"-- only":                               {"…-- only"},
		"/* a; */ select 1 /* ; */;":            {"/* a; */ select 1 /* ; */;", "…"},
		"/* a;":                                 {"…/* a;"},
		"create temp trigger t after insert on x begin select 1; select 2; end; select 3;": {"create temp trigger t after insert on x begin select 1; select 2; end;", "select 3;", "…"},
		"create table trigger (a); b;": {"create table trigger (a);", "b;", "…"},
		"select é;":                    {"select é;", "…"},
	} {
		var got []string
		for rest := in; ; {
			statement, behind, ok := Split(rest)
			if !ok {
				got = append(got, "…"+behind)
				break
			}
			got, rest = append(got, statement), behind
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: (-want +got)\n%s", in, diff)
		}
	}
}

func TestChanges(t *testing.T) {
	for in, want := range map[string]bool{
		"insert into t values (1)": true, "  -- x\nDELETE FROM t": true, "replace into t select 1": true, "update t set a = 1": true,
		"insert into t values (1) returning a": false, "select 1": false, "with x as (select 1) insert into t select * from x": false,
		"explain delete from t": false, "insert into t values (' returning ')": true, "": false,
	} {
		if got := changes(in); got != want {
			t.Errorf("%q: %v", in, got)
		}
	}
}

// What is split is the whole text, whatever is in it.
func FuzzSplit(f *testing.F) {
	f.Add("select 1; select ';'; -- x\n")
	f.Add("create trigger a begin b; end;")
	f.Fuzz(func(t *testing.T, text string) {
		rest := text
		for {
			statement, behind, ok := Split(rest)
			if !ok {
				break
			}
			if len(behind) >= len(rest) || !strings.HasSuffix(statement, ";") {
				t.Fatalf("%q is split into %q and %q", rest, statement, behind)
			}
			rest = behind
		}
		blank(text)
		changes(text)
	})
}
