package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/system/jobs"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/store"
)

// lateEngine is an engine whose commits happen at once and return when they are told to,
// as answers do that are under way in a network.
type lateEngine struct {
	engine.Engine
	late chan chan any // if set, a commit sends a channel, and waits for what comes back there
}

func (e *lateEngine) Begin(ctx context.Context, o engine.TxOptions) (engine.Tx, error) {
	tx, err := e.Engine.Begin(ctx, o)
	return lateTx{tx, e}, err
}

type lateTx struct {
	engine.Tx
	e *lateEngine
}

func (t lateTx) Commit(ctx context.Context) (uint64, error) {
	n, err := t.Tx.Commit(ctx)
	if t.e.late != nil {
		answer := make(chan any)
		t.e.late <- answer
		switch lost := (<-answer).(type) {
		case error:
			return 0, lost
		case string:
			panic(lost)
		}
	}
	return n, err
}

// Hooks hear of commits in the order of their numbers, whatever the order in which they
// return. A commit that has returned waits for none of the others; one whose answer is
// lost, or an error, or that panics, is not told of and holds nothing up. A commit that was
// sent when another one had returned comes behind it, so that this one does not wait for it.
func TestHooksGoByTheNumbersOfCommits(t *testing.T) {
	for _, c := range []struct {
		name string
		// Commits that are sent (+), and that return: with success (-), with an error (!)
		// or a panic (^).
		steps string
		seen  string // what the hook has seen, after each step
	}{
		{"one after the other", "+a -a +b -b +c -c", ",a,a,ab,ab,abc"},
		{"at once, in order", "+a +b +c -a -b -c", ",,,,,abc"},
		{"at once, in reverse", "+a +b +c -c -b -a", ",,,,,abc"},
		{"the first is last", "+a +b +c -b -c -a", ",,,,,abc"},
		{"one is sent later", "+a +b -b +c -a -c", ",,,,ab,abc"},
		{"one is sent later and returns first", "+a +b -b +c -c -a", ",,,,,abc"},
		{"a chain", "+a +b -a +c -b +d -c +e -d -e", ",,,,a,a,ab,ab,abc,abcde"},
		{"the first is lost", "+a +b -b !a", ",,,b"},
		{"one between is lost", "+a +b +c -c -a !b", ",,,,,ac"},
		{"all are lost", "+a +b !b !a +c -c", ",,,,,c"},
		{"one panics", "+a +b +c -c ^a -b", ",,,,,bc"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				eng := &lateEngine{Engine: memory.New()}
				db := must(store.Open(ctx, eng))
				s := must(jobs.Open(ctx, db))
				seen := ""
				store.OnCommit(s, func(c store.TableCommit[models.JobID, jobs.Job]) { seen += string(c.Changes[0].Key) })
				eng.late = make(chan chan any)
				answers, got := map[string]chan any{}, map[string]any{}
				done := "" // commits that have returned with success
				want := strings.Split(c.seen, ",")
				for i, step := range strings.Fields(c.steps) {
					key := step[1:]
					what := fmt.Sprintf("step %d, %s", i, step)
					var answer any
					switch step[0] {
					case '+':
						go func() {
							defer func() {
								if p := recover(); p != nil {
									got[key] = p
								}
							}()
							got[key] = s.Insert(ctx, newJob(models.JobID(key), models.JobStatusQueued, start))
						}()
						answers[key] = <-eng.late // it has its number
						continue
					case '!':
						answer = engine.ErrUnknown
					case '^':
						answer = "boom"
					default:
						done += key
					}
					answers[key] <- answer
					synctest.Wait()
					same(t, what+": seen", seen, want[i])
					err, _ := got[key].(error)
					switch _, returned := got[key]; {
					case !returned:
						t.Errorf("%s: the commit waits", what)
					case answer == "boom":
						same(t, what+": panic", got[key], answer)
					default:
						wantErr, _ := answer.(error)
						isErr(t, err, wantErr)
					}
					// Who waits for the hooks waits for what has returned, and for nothing else.
					waited := make(chan error, 1)
					go func() { waited <- db.WaitHooks(ctx) }()
					synctest.Wait()
					same(t, what+": WaitHooks has returned", len(waited) == 1, len(seen) == len(done))
				}
				eng.late = nil
				if err := db.Close(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// Close has hooks see a commit that is under way, and waits for it.
func TestCloseWaitsForHooksOfCommitsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		eng := &lateEngine{Engine: memory.New()}
		db := must(store.Open(ctx, eng))
		s := must(jobs.Open(ctx, db))
		seen := 0
		db.OnCommit(func(store.Commit) { seen++ })
		eng.late = make(chan chan any)
		go func() { isErr(t, s.Insert(ctx, newJob("a", models.JobStatusQueued, start)), nil) }()
		answer := <-eng.late
		closed := make(chan error, 1)
		go func() { closed <- db.Close() }()
		synctest.Wait()
		same(t, "closed", len(closed), 0)
		answer <- nil
		synctest.Wait()
		same(t, "seen", seen, 1)
		same(t, "closed", len(closed), 1)
	})
}
