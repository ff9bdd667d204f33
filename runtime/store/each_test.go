package store_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/system/jobs"
)

// Each shows what All does, in the same order, and ends at an error of its visitor,
// which comes back as it is.
func TestEach(t *testing.T) {
	onEngines(t, func(t *testing.T, e *env) {
		e.someJobs(20)
		running := e.sys.Jobs.ByStatus.Status(models.JobStatusRunning)
		for name, q := range map[string]*jobs.Query{
			"all":     e.sys.Jobs.Scan(),
			"index":   running.Scan(),
			"reverse": running.Scan().Reverse(),
			"limit":   e.sys.Jobs.Scan().Limit(3),
			"filter":  e.sys.Jobs.Scan().Filter(func(j *jobs.Job) bool { return j.Status == models.JobStatusRunning }).Limit(2),
		} {
			want := must(q.Rows(ctx))
			if len(want) == 0 {
				t.Fatalf("%s: there are no rows", name)
			}
			var got []jobs.Job
			e.ok(q.Each(ctx, func(j *jobs.Job) error {
				got = append(got, *j) // a copy, whose strings stay
				return nil
			}))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: (-Rows +Each)\n%s", name, diff)
			}
			stop, seen := errors.New("enough"), 0
			err := q.Each(ctx, func(*jobs.Job) error { seen++; return stop })
			if err != stop || seen != 1 {
				t.Errorf("%s: after an error: %v, %d rows", name, err, seen)
			}
		}
	})
}
