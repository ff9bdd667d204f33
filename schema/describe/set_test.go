package describe_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/describe"
	"github.com/storegen/storegen/schema/load"
	"github.com/storegen/storegen/schema/lock"
)

// A Schema has what databases do not keep, and else the tables that they have.
func TestSet(t *testing.T) {
	set, err := load.Parse([]schema.Source{
		{Name: "t.yaml", Data: []byte("table: t\naccess: public\nkey: id\nfields:\n  id: string\n  plain: \"map[string]bool\"\n  named: \"map[Tag]Status\"\n")},
		{Name: "types.yaml", Data: []byte("types:\n  Tag: {is: string, doc: A word.}\n  Status: {enum: [{name: new, doc: Not yet.}, done], doc: How far.}\n")},
	}, &schema.Source{Name: "storegen.lock", Data: []byte("field t.id 1 string key 1\nfield t.gone 2 retired\nenum Status.lost 1 retired\n")})
	if err != nil {
		t.Fatal(err)
	}
	d, stored := describe.Set(set), describe.Table(set.Tables[0])
	named := d.Tables[0].FieldNamed("named")
	if got := d.Tables[0].Fields[named].Type.Written(); got != "map[Tag]Status" {
		t.Errorf("the map is described as %s", got)
	}
	if stored.Fields[named].Type.MapKey != nil {
		t.Error("databases keep the name of a type that says nothing of what is stored")
	}
	d.Tables[0].Fields[named].Type.MapKey = nil
	if diff := cmp.Diff(stored, d.Tables[0]); diff != "" {
		t.Errorf("the table (-as stored +in the set):\n%s", diff)
	}
	if s := d.Type("Status"); s.Doc != "How far." || !cmp.Equal(s.ValueDocs, []string{"Not yet.", ""}) {
		t.Errorf("the enum is described as %+v", s)
	}
	if d.Type("None") != nil {
		t.Error("there is a type of any name")
	}
	want := []describe.Retired{{Number: 2, Name: "gone"}}
	if diff := cmp.Diff(want, d.RetiredOf(lock.Field, "t")); diff != "" {
		t.Errorf("fields that were removed (-want +got):\n%s", diff)
	}
	want = []describe.Retired{{Number: 1, Name: "lost"}}
	if diff := cmp.Diff(want, d.RetiredOf(lock.Enum, "Status")); diff != "" {
		t.Errorf("values that were removed (-want +got):\n%s", diff)
	}
}
