package sqlstore

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/ncruces/go-sqlite3"
	"github.com/storegen/storegen/runtime/store"
)

// Connections write beside each other: what one loses against another it is told, and all
// that was committed is there.
func TestConcurrentConnections(t *testing.T) {
	db, tables := database(t, countTable)
	for i := range int64(8) {
		insertCount(t, tables["t.counts"], i, 0)
	}
	s := open(t, db)
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for done := 0; done < 20; {
				tx, err := s.BeginTx(ctx, nil)
				if err != nil {
					t.Error(err)
					return
				}
				_, err = tx.Exec("UPDATE t_counts SET n = n + 1 WHERE id = ?", (g+done)%8)
				if err == nil {
					_, err = tx.Exec("UPDATE t_counts SET n = n + 1 WHERE id = ?", (g+done+1)%8)
				}
				if err == nil {
					err = tx.Commit()
				}
				switch {
				case err == nil:
					done++
				case errors.Is(err, store.ErrConflict) && (errors.Is(err, sqlite3.CONSTRAINT) || errors.Is(err, sqlite3.BUSY)):
					tx.Rollback()
				default:
					t.Error(err)
					return
				}
			}
		})
		wg.Go(func() {
			for range 20 {
				// Each transaction adds two, so that the sum is even in each state.
				got, err := read(s, "SELECT sum(n) % 2 + (SELECT sum(n) % 2 FROM t_counts WHERE n >= 0) FROM t_counts")
				if err != nil || fmt.Sprint(got) != `[int64 "0"]` {
					t.Error(got, err)
					return
				}
			}
		})
	}
	wg.Wait()
	got, err := read(s, "SELECT sum(n) FROM t_counts")
	if err != nil || fmt.Sprint(got) != `[int64 "160"]` {
		t.Error(got, err)
	}
}
