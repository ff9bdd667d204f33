//go:build web

// make test-long runs this example: net/http takes longer to compile than all others.

package guide_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/system"
	"github.com/storegen/storegen/generated/system/jobs"
	"github.com/storegen/storegen/runtime/store"
)

type server struct{ sys *system.DB }

func (s *server) listJobs(w http.ResponseWriter, r *http.Request) {
	status, err := models.ParseJobStatus(r.FormValue("status"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	cursor := store.Cursor[jobs.Job](r.FormValue("cursor")) // "" is the first page
	page, err := s.sys.Jobs.ByStatus.Status(status).Scan().Page(r.Context(), 2, cursor)
	switch {
	case errors.Is(err, store.ErrStaleCursor):
		http.Error(w, "this page is gone, begin again", http.StatusBadRequest)
	case err != nil:
		http.Error(w, "cannot read jobs", http.StatusInternalServerError)
	default:
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(page) // {"rows": [...], "next": "..."}
	}
}

// ask sends a request to the handler.
func (s *server) ask(query url.Values) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.listJobs(w, httptest.NewRequest("GET", "/jobs?"+query.Encode(), nil))
	return w
}

func Example_paging() {
	withTables(func(ctx context.Context, d *fixture) error {
		s := &server{d.sys}
		query := url.Values{"status": {"running"}}
		fmt.Print("GET /jobs?status=running:")
		for {
			var page struct {
				Rows []struct {
					ID string `json:"job_id"`
				}
				Next string
			}
			if err := json.Unmarshal(s.ask(query).Body.Bytes(), &page); err != nil {
				return err
			}
			for _, row := range page.Rows {
				fmt.Print(" ", row.ID)
			}
			fmt.Println()
			if page.Next == "" {
				return nil
			}
			query.Set("cursor", page.Next)
			fmt.Print("GET /jobs?status=running&cursor=...:")
		}
	})
	// Output:
	// GET /jobs?status=running: job-4 job-3
	// GET /jobs?status=running&cursor=...: job-2 job-1
	// GET /jobs?status=running&cursor=...: job-0
}

// What a client gets that asks for what there is not.
func Example_pagingMistakes() {
	withTables(func(ctx context.Context, d *fixture) error {
		s := &server{d.sys}
		first, err := d.sys.Jobs.ByStatus.Status(models.JobStatusRunning).Scan().Page(ctx, 2, "")
		if err != nil {
			return err
		}
		for _, query := range []url.Values{
			{"status": {"lost"}},
			{"status": {"running"}, "cursor": {string(first.Next) + "x"}},
			{"status": {"failed"}, "cursor": {string(first.Next)}},
			{"status": {"failed"}},
		} {
			w := s.ask(query)
			fmt.Print(w.Code, " ", w.Body)
		}
		return nil
	})
	// Output:
	// 400 "lost" is no JobStatus
	// 400 this page is gone, begin again
	// 400 this page is gone, begin again
	// 200 {"rows":[],"next":""}
}
