package sqlstore_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/system"
	"github.com/storegen/storegen/generated/system/jobs"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/sqlstore"
)

func Example() {
	ctx := context.Background()
	db, err := store.Open(ctx, memory.New())
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	sys, err := system.Open(ctx, db)
	if err != nil {
		log.Fatal(err)
	}
	start := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for i, status := range []models.JobStatus{models.JobStatusRunning, models.JobStatusFailed, models.JobStatusRunning} {
		job := jobs.Job{JobID: models.JobID(fmt.Sprint("job-", i)), JobType: models.JobTypeFlush, Status: status, CreatedAt: start.Add(time.Duration(i) * time.Hour)}
		if err := sys.Jobs.Insert(ctx, &job); err != nil {
			log.Fatal(err)
		}
	}

	tables, err := sqlstore.Open(db)
	if err != nil {
		log.Fatal(err)
	}
	defer tables.Close()
	rows, err := tables.QueryContext(ctx, "SELECT job_id, created_at FROM system_jobs WHERE status = 'running' ORDER BY created_at DESC")
	if err != nil {
		log.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var at time.Time
		if err := rows.Scan(&id, &at); err != nil {
			log.Fatal(err)
		}
		fmt.Println(id, at.Format(time.DateTime))
	}
	if err := rows.Err(); err != nil {
		log.Fatal(err)
	}
	r, err := tables.ExecContext(ctx, "UPDATE system_jobs SET status = 'queued' WHERE status = 'failed'")
	if err != nil {
		log.Fatal(err)
	}
	n, _ := r.RowsAffected()
	fmt.Println(n, "changed")
	_, err = tables.ExecContext(ctx, "UPDATE system_jobs SET job_id = 'job-0' WHERE job_id = 'job-1'")
	fmt.Println(errors.Is(err, store.ErrExists), errors.Is(err, sqlite3.CONSTRAINT))
	// Output:
	// job-2 2026-03-01 02:00:00
	// job-0 2026-03-01 00:00:00
	// 1 changed
	// true true
}
