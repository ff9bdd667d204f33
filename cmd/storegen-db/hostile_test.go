package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/dynamic"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/store"
)

// evil is what a terminal would obey: colours, the title of the window, a bell, the direction
// of writing; and bytes that are no text.
const evil = evilName + "\x9b2J\xff"

// evilName is one that catalogs can hold, which are JSON.
const evilName = "e\x1b[31m\x1b]0;title\x07\u202e\u009b2J\r\n\tend"

// makeHostile makes a database in which every name, doc and value is one that was made to do
// harm, as a program can that is not storegen's, with a value of a megabyte.
func makeHostile(name string) (err error) {
	ctx := context.Background()
	eng, err := openEngine(name, openOptions{create: true})
	if err != nil {
		return err
	}
	db, err := store.Open(ctx, eng)
	if err != nil {
		return errors.Join(err, eng.Close())
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	colour := catalog.Type{Kind: kind.Enum, Name: "C" + evilName, Params: kind.Params{Values: []kind.EnumValue{{Name: "v" + evilName, Number: 1}}}}
	t, err := dynamic.Open(ctx, db, &catalog.Table{
		Name: "t" + evilName, Number: 1, Doc: "doc " + evilName, Access: access.Public, Key: []int{0},
		Fields: []catalog.Field{
			{Name: "k" + evilName, Number: 1, Doc: evilName, Type: catalog.Type{Kind: kind.String, Name: "T" + evilName}},
			{Name: "b" + evilName, Number: 2, Type: catalog.Type{Kind: kind.Bytes}},
			{Name: "s" + evilName, Number: 3, Type: catalog.Type{Kind: kind.String}, Optional: true},
			{Name: "e" + evilName, Number: 4, Type: colour},
			{Name: "j" + evilName, Number: 5, Type: catalog.Type{Kind: kind.JSON}, Optional: true},
		},
		Indexes: []catalog.Index{
			{Name: "i" + evilName, Number: 1, Doc: evilName, Columns: []catalog.Column{{Field: 3}}},
			{Name: "u" + evilName, Number: 2, Unique: true, Columns: []catalog.Column{{Field: 1}}},
		},
	})
	if err != nil {
		return err
	}
	_, err = provider.New(t).Insert(ctx, provider.Scope{}, []kind.Value{
		kind.StringOf(evil), kind.BytesOf([]byte(evil)), kind.StringOf(strings.Repeat(evil, 1<<20/len(evil))),
		kind.EnumOf(&colour.Params, 1), kind.JSONOf(`{"a":"\u001b[31m` + "\u202e\u009b" + `"}`),
	})
	return err
}

// Nothing of what a database holds reaches a terminal so that it is obeyed, whatever the verb.
func TestHostileNames(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "db")
	if err := makeHostile("leveldb:" + dir); err != nil {
		t.Fatal(err)
	}
	files := t.TempDir()
	table, in := "t"+evilName, func(name string) string { return filepath.Join(files, name) }
	rows := in("rows.json")
	if err := os.WriteFile(rows, []byte(`{"`+"k\\u001b"+`": 1}`), 0o600); err != nil {
		t.Fatal(err)
	}
	calls := [][]string{
		{"tables", dir}, {"schema", dir}, {"schema", dir, table}, {"get", dir, table, evil}, {"get", dir, table, "x"},
		{"scan", dir, table}, {"scan", dir, table, "-format", "csv"}, {"scan", dir, table, "-index", "i" + evilName}, {"scan", dir, table, "-index", "i"}, {"scan", dir, table, "-columns", "k"},
		{"count", dir, table}, {"count", dir, "t"}, {"stats", dir}, {"verify", dir}, {"plan", dir, "-config", "../../schema/tables"},
		{"sql", dir, "select * from sqlite_schema", `select * from "` + strings.ReplaceAll(table, ".", "_") + `"`}, {"sql", dir, "pragma table_list"},
		{"export", dir, table, "-format", "csv"}, {"export", dir, table, in("x.arrow")}, {"export", dir, table, in("x.parquet")}, {"export", dir, "-dir", in("all"), "-format", "json"},
		{"import", "-write", dir, table, rows}, {"import", "-write", "-load", dir, table, rows}, {"put", "-write", dir, table, `{"x": 1}`}, {"put", "-write", dir, table, `{}`},
		{"delete", "-write", dir, table, "x"}, {"backup", dir, in("b")}, {"copy", dir, "pebble:" + in("c")}, {"restore", in("b"), "leveldb:" + in("r")},
		{"sweep", "-write", dir}, {"compact", "-write", dir}, {"repair", "-write", dir}, {"help", "scan"}, {"completion", "zsh"},
		{"__complete", "scan", dir, ""}, {"__complete", "scan", dir, table, "-index", ""}, {"__complete", "scan", dir, table, "-columns", ""},
		{"delete", "-write", dir, table, evil}, {"drop", "-write", dir, table}, {"drop", "-write", "-yes", dir, table},
	}
	tried, fine := map[string]bool{}, 0
	for _, args := range calls {
		tried[args[0]] = true
		forms := [][]string{args}
		if cmd := find(args[0]); cmd != nil && !cmd.writes && cmd != helpCommand {
			forms = append(forms, append([]string{args[0], "-json"}, args[1:]...))
		}
		for _, args := range forms {
			var out, said strings.Builder
			if code := run(t.Context(), args, strings.NewReader(""), &out, &said); code == exitFine {
				fine++
			}
			for _, text := range []string{out.String(), said.String()} {
				if len(args) > 4 && args[len(args)-1] == "csv" && text == out.String() {
					continue // a file or a pipe gets the texts as they are
				}
				if !safeText(text) {
					t.Errorf("%q prints %.300q", args, text)
				}
			}
		}
	}
	if fine < 35 {
		t.Errorf("only %d calls do what they are asked to", fine)
	}
	for _, cmd := range commands {
		if !tried[cmd.name] {
			t.Errorf("%s is not tried", cmd.name)
		}
	}
}

// safeText reports whether a text has nothing that a terminal obeys, but for ends of lines and
// tabs.
func safeText(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, func(r rune) bool {
		return r != '\n' && r != '\t' && (r < ' ' || r == 0x7f || r == 0x202e || r >= 0x80 && r < 0xa0)
	})
}
