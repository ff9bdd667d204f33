package occ

// txList is a list of transactions, by when they began; the first is the oldest.
type txList struct {
	root txState // of the ring; not itself a transaction
}

func (l *txList) init() { l.root.prev, l.root.next = &l.root, &l.root }

func (l *txList) front() *txState {
	if l.root.next == &l.root {
		return nil
	}
	return l.root.next
}

// only reports whether no transaction is in the list but t, which may be nil.
func (l *txList) only(t *txState) bool {
	first := l.root.next
	return first == &l.root || first == t && t.next == &l.root
}

// push puts a transaction where it belongs, which is nearly always the end.
func (l *txList) push(t *txState) {
	at := l.root.prev
	for at != &l.root && at.began > t.began {
		at = at.prev
	}
	t.prev, t.next = at, at.next
	at.next.prev, at.next = t, t
}

// remove does nothing for a transaction that is not in the list.
func (l *txList) remove(t *txState) {
	if t.next == nil {
		return
	}
	t.prev.next, t.next.prev = t.next, t.prev
	t.prev, t.next = nil, nil
}
