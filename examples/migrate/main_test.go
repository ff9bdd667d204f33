package main

import (
	"strings"
	"testing"
)

// The program moves everything the first time, and finds nothing to move the
// second time.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	for _, want := range []string{
		"user: 51 rows copied\nuser: compared, and read from the new side\nuser: compared again, and dropped from the old side\n" +
			"job: 50 rows copied\njob: compared, and read from the new side\njob: compared again, and dropped from the old side\n" +
			"version: 20 rows copied\nversion: compared, and read from the new side\nversion: compared again, and dropped from the old side\n" +
			"Grace is u100; 50 jobs are queued\n",
		"Grace is u100; 50 jobs are queued\n",
	} {
		var out strings.Builder
		if err := inDir(dir, &out); err != nil {
			t.Fatal(err)
		}
		if out.String() != want {
			t.Errorf("got:\n%swant:\n%s", &out, want)
		}
	}
}
