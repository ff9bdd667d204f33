package schema_test

import (
	"fmt"

	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/describe"
	"github.com/storegen/storegen/schema/load"
)

func ExampleParse() {
	set, err := load.Parse([]schema.Source{{
		Name: "notes.yaml",
		Data: []byte(`table: notes
access: {owner: author}
row: Note
key: [author, id]
fields:
  author:  string
  id:      uint64
  text:    string
  due_at:  timestamp?
indexes:
  due: {on: [author, due_at desc], where: has text}
`),
	}}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	t := set.Table("notes")
	fmt.Println(t.Row, t.Key.Named, t.Access, t.Owner.GoName)
	for _, f := range t.Fields {
		fmt.Println(f.Number, f.GoName, f.Type, f.Optional)
	}
	fmt.Println(t.Index("due").GoName, describe.Written(t, t.Index("due").Where))
	// Output:
	// Note NoteKey owner Author
	// 1 Author string false
	// 2 ID uint64 false
	// 3 Text string false
	// 4 DueAt timestamp true
	// Due has text
}

func ExampleDiagnostics() {
	_, err := load.Parse([]schema.Source{{
		Name: "notes.yaml",
		Data: []byte("table: notes\naccess: public\nkey: idd\nfields: {id: strin}\n"),
	}}, nil)
	fmt.Println(err)
	// Output:
	// notes.yaml:3:6: unknown field "idd" [field-unknown]
	//     3 | key: idd
	//       |      ^^^
	//   help: did you mean "id"?
	// notes.yaml:4:14: unknown type "strin" [type-unknown]
	//     4 | fields: {id: strin}
	//       |              ^^^^^
	//   help: did you mean "string"?
}
