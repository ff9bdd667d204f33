package bench

import (
	"fmt"
	"math/rand/v2"
	"os"
)

// Player is a contestant at work.
type Player struct {
	Entry
	// Dir is where it stores what it has.
	Dir string

	c    Contestant
	rows int
	next int // number of the next new row
	rng  *rand.Rand

	// What an operation works on is made before it is measured.
	ids   []string // of rows that are there, at random
	names []string // usernames of such rows
	fresh []*User  // rows that are not there
	blobs []*Blob  // to write, round and round
	at    int
}

// mostPrepared is how many ids are made for an operation, to go around among.
const mostPrepared = 10_000

// prepare makes the ids and names for n units.
func (p *Player) prepare(n int) {
	n = min(max(n, 100), mostPrepared)
	p.ids, p.names, p.at = p.ids[:0], p.names[:0], 0
	for range n {
		i := p.rng.IntN(p.rows)
		p.ids = append(p.ids, ID(i))
		p.names = append(p.names, Username(i))
	}
}

// step counts up, round and round the prepared ids.
func (p *Player) step() int {
	if p.at++; p.at >= len(p.ids) {
		p.at = 0
	}
	return p.at
}

func (p *Player) id() string   { return p.ids[p.step()] }
func (p *Player) name() string { return p.names[p.step()] }
func (p *Player) role() string { return Roles[p.rng.IntN(len(Roles))] }

// grow makes n rows that are not there.
func (p *Player) grow(n int) {
	p.fresh = p.fresh[:0]
	for range n {
		p.fresh = append(p.fresh, Row(p.next))
		p.next++
	}
}

// shrink makes the fresh rows the n last ones that are there, in random order, for
// them to be deleted.
func (p *Player) shrink(n int) {
	p.next -= n
	p.grow(n)
	p.next -= n
	p.rng.Shuffle(n, func(i, j int) { p.fresh[i], p.fresh[j] = p.fresh[j], p.fresh[i] })
}

// Restore deletes what was inserted since the beginning and is still there.
func (p *Player) Restore() error {
	p.shrink(p.next - p.rows)
	for _, u := range p.fresh {
		if err := p.c.Delete(u.ID); err != nil {
			return err
		}
	}
	p.fresh = nil
	return nil
}

// take returns the next n of the fresh rows.
func (p *Player) take(n int) []*User {
	us := p.fresh[:n]
	p.fresh = p.fresh[n:]
	return us
}

// mostBlobs is how many blobs are made, to go around among.
const mostBlobs = 10_000

// makeBlobs makes blobs, some of which may be there, in random order.
func (p *Player) makeBlobs(n int) (int, error) {
	for len(p.blobs) < mostBlobs {
		p.blobs = append(p.blobs, BlobRow(p.rng.IntN(2*mostBlobs)))
	}
	p.at = p.rng.IntN(mostBlobs)
	return n, nil
}

// takeBlobs returns the next n of the blobs.
func (p *Player) takeBlobs(n int) []*Blob {
	if p.at+n > len(p.blobs) {
		p.at = 0
	}
	p.at += n
	return p.blobs[p.at-n : p.at]
}

// NewPlayer opens a contestant in a directory of its own, with so many rows, or
// as many as it can hold.
func NewPlayer(e Entry, rows int, sync bool) (*Player, error) {
	return newPlayer(e, rows, sync, (*Player).load)
}

// NewUsersPlayer is NewPlayer with the main table only.
func NewUsersPlayer(e Entry, rows int) (*Player, error) {
	return newPlayer(e, rows, false, (*Player).loadUsers)
}

func newPlayer(e Entry, rows int, sync bool, load func(p *Player) error) (p *Player, err error) {
	dir, err := os.MkdirTemp("", "bench-*")
	if err != nil {
		return nil, err
	}
	p = &Player{Entry: e, Dir: dir, rows: rows, rng: rand.New(rand.NewPCG(1, 2))}
	defer func() {
		if err != nil {
			p.Close()
		}
	}()
	if e.Rows > 0 {
		p.rows = min(p.rows, e.Rows)
	}
	p.next = p.rows
	if p.c, err = e.Open(Options{Dir: dir, Sync: sync}); err != nil {
		return nil, fmt.Errorf("%s: %w", e.Name, err)
	}
	if err := load(p); err != nil {
		return nil, fmt.Errorf("%s: %w", e.Name, err)
	}
	return p, nil
}

// memberRows is how many rows the smaller tables have at most.
const memberRows = 10_000

func (p *Player) loadUsers() error {
	return shuffled(p.rows, func(numbers []int) error {
		us := make([]*User, len(numbers))
		for i, k := range numbers {
			us[i] = Row(k)
		}
		return p.c.InsertBatch(us)
	})
}

func (p *Player) load() error {
	if err := p.loadUsers(); err != nil {
		return err
	}
	err := shuffled(min(p.rows, memberRows), func(numbers []int) error {
		ms := make([]*Member, len(numbers))
		for i, k := range numbers {
			ms[i] = MemberRow(k)
		}
		return p.c.AddMembers(ms)
	})
	if err != nil {
		return err
	}
	err = shuffled(accountRows, func(numbers []int) error {
		ids := make([]string, len(numbers))
		for i, k := range numbers {
			ids[i] = AccountID(k)
		}
		return p.c.AddAccounts(ids)
	})
	if err != nil {
		return err
	}
	// The sessions that last: a sweep must not look at them.
	return shuffled(min(p.rows, memberRows), func(numbers []int) error {
		ss := make([]*Session, len(numbers))
		for i, k := range numbers {
			ss[i] = SessionRow(lasting+k, false)
		}
		return p.c.AddSessions(ss)
	})
}

// lasting is the number of the first session that does not expire.
const lasting = 50_000_000

// shuffled gives the numbers up to n to a function, 100 at a time, in an order
// that is random and always the same.
func shuffled(n int, add func(numbers []int) error) error {
	return inBatches(rand.New(rand.NewPCG(3, 4)).Perm(n), add)
}

// Contestant is what the player plays with.
func (p *Player) Contestant() Contestant { return p.c }

// inBatches gives rows to a function, 100 at a time.
func inBatches[T any](rows []T, add func([]T) error) error {
	for len(rows) > 0 {
		n := min(100, len(rows))
		if err := add(rows[:n]); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// Rest lets a contestant finish what it has to do in the background, and then
// fills its caches.
func (p *Player) Rest() error {
	if c, ok := p.c.(Compacter); ok {
		if err := c.Compact(); err != nil {
			return err
		}
	}
	if err := p.c.ScanAll(func(*User) {}); err != nil || p.Floor {
		return err
	}
	for _, role := range Roles {
		if err := p.c.RoleEmails(role, memberRows, func(string, string) {}); err != nil {
			return err
		}
	}
	p.prepare(mostPrepared / 10)
	var u User
	for range p.ids {
		if _, err := p.c.GetByUsername(p.name(), &u); err != nil {
			return err
		}
		if p.Rows > 0 {
			break // it would read the whole table each time
		}
	}
	return nil
}

// Close closes the contestant and removes what it has stored.
func (p *Player) Close() {
	if p.c != nil {
		_ = p.c.Close() // what it held is thrown away
	}
	_ = os.RemoveAll(p.Dir)
}
