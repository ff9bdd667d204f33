package schema

import "testing"

func loadReference(t *testing.T) *Set {
	t.Helper()
	c, err := LoadConfig("../storegen.yaml")
	if err != nil {
		t.Fatal(err)
	}
	set, err := Load(c)
	if err != nil {
		t.Fatal(err)
	}
	return set
}
