package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/system/jobs"
)

// A walk takes rows from the engine some at a time, fewer where they are large. All
// come, once and in order, wherever a limit or a filter ends it.
func TestWalksTakeAllRows(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		const n = 300
		var want []models.JobID
		for i := range n {
			j := newJob(models.JobID(fmt.Sprintf("j%03d", i)), models.JobStatusRunning, start.Add(time.Duration(i)*time.Minute))
			if i%10 == 0 {
				j.Result = ptr(strings.Repeat("x", 30_000))
			}
			e.ok(e.sys.Jobs.Insert(ctx, j))
			want = append(want, j.JobID)
		}
		ids := func(q *jobs.Query) (got []models.JobID) {
			e.ok(q.Each(ctx, func(j *jobs.Job) error {
				got = append(got, j.JobID)
				return nil
			}))
			return got
		}
		if diff := cmp.Diff(want, ids(e.sys.Jobs.Scan())); diff != "" {
			t.Errorf("all (-want +got)\n%s", diff)
		}
		for _, limit := range []int{1, 8, 9, 128, 129, 200, n, n + 1} {
			first := want[:min(limit, n)]
			if diff := cmp.Diff(first, ids(e.sys.Jobs.Scan().Limit(limit))); diff != "" {
				t.Errorf("the first %d (-want +got)\n%s", limit, diff)
			}
			var even []models.JobID
			for i := 0; i < n && len(even) < limit; i += 2 {
				even = append(even, want[i])
			}
			filtered := e.sys.Jobs.Scan().Filter(func(j *jobs.Job) bool { return (j.JobID[3]-'0')%2 == 0 })
			if diff := cmp.Diff(even, ids(filtered.Limit(limit))); diff != "" {
				t.Errorf("the first %d of every second (-want +got)\n%s", limit, diff)
			}
		}
	})
}
