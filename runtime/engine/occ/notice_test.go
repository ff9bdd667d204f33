package occ

import (
	"context"
	"errors"
	"runtime/debug"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/runtime/engine"
)

// Commits that are done before an earlier one wait for its notice, and nothing
// else does.
func TestNoticesWaitForEarlierOnes(t *testing.T) {
	hold(t, func(t *testing.T, h *held) {
		var told []string
		write := func(key string) *job {
			return h.start(func() error {
				b := h.NewBatch()
				b.Put([]byte(key), []byte("w"))
				return h.Write(ctx, b, engine.WriteOptions{Committed: func() { told = append(told, key) }})
			})
		}
		write("a").ends("a commit alone", nil)
		first := write("held")
		second := write("b")
		third := write("c")
		second.waits("a commit whose notice is behind another")
		h.write("d").ends("a commit without a notice", nil)
		h.letGo()
		for _, j := range []*job{first, second, third} {
			j.ends("a commit", nil)
		}
		if diff := cmp.Diff([]string{"a", "held", "b", "c"}, told); diff != "" {
			t.Errorf("notices (-want +got):\n%s", diff)
		}
	})
}

// A commit that fails has no notice and holds up nobody's.
func TestNoticesOfFailedCommits(t *testing.T) {
	hold(t, func(t *testing.T, h *held) {
		var told []string
		errDisk := errors.New("disk")
		stop := h.base.(*fakeBase).apply
		h.base.(*fakeBase).apply = func(ops []fakeOp) error {
			if err := stop(ops); err != nil || ops[0].key != "held-bad" {
				return err
			}
			return errDisk
		}
		write := func(key string) *job {
			return h.start(func() error {
				b := h.NewBatch()
				b.Put([]byte(key), []byte("w"))
				return h.Write(ctx, b, engine.WriteOptions{Committed: func() { told = append(told, key) }})
			})
		}
		bad, good := write("held-bad"), write("good")
		h.letGo()
		bad.ends("the commit that fails", errDisk)
		good.ends("the one behind it", nil)
		if diff := cmp.Diff([]string{"good"}, told); diff != "" {
			t.Errorf("notices (-want +got):\n%s", diff)
		}
	})
}

// A notice that panics does so in a goroutine that commits, and the others are
// called all the same.
func TestNoticePanics(t *testing.T) {
	hold(t, func(t *testing.T, h *held) {
		var told []string
		panics := 0
		write := func(key string, fn func()) *job {
			return h.start(func() error {
				defer func() {
					if recover() != nil {
						panics++
					}
				}()
				b := h.NewBatch()
				b.Put([]byte(key), []byte("w"))
				return h.Write(ctx, b, engine.WriteOptions{Committed: func() {
					told = append(told, key)
					fn()
				}})
			})
		}
		boom := func() { panic("boom") }
		jobs := []*job{write("held", boom), write("a", boom), write("b", func() {})}
		h.letGo()
		for _, j := range jobs {
			j.ends("a commit", nil)
		}
		write("c", func() {}).ends("a commit after them", nil)
		if diff := cmp.Diff([]string{"held", "a", "b", "c"}, told); diff != "" {
			t.Errorf("notices (-want +got):\n%s", diff)
		}
		if panics == 0 {
			t.Error("no goroutine has seen a panic")
		}
	})
}

// Commits that nobody wants to know of pay nothing for it.
func TestNoticesCostNothing(t *testing.T) {
	d := New(newFakeBase(t), Options{})
	defer d.Close()
	key, val := []byte("k"), []byte("v")
	told := 0
	allocs := func(o engine.WriteOptions) float64 {
		return testing.AllocsPerRun(200, func() {
			if err := d.Update(ctx, o, func(_ context.Context, tx engine.Tx) error { return tx.Put(key, val) }); err != nil {
				t.Fatal(err)
			}
		})
	}
	without, with := allocs(engine.WriteOptions{}), allocs(engine.WriteOptions{Committed: func() { told++ }})
	slack := 0.0 // the race detector makes pools forget some of what they hold
	if info, ok := debug.ReadBuildInfo(); ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		slack = 2
	}
	if with > without+slack {
		t.Errorf("%v allocations with a notice, %v without", with, without)
	}
	if told != 201 {
		t.Errorf("%d notices, want 201", told)
	}
}
