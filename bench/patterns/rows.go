package patterns

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/storegen/storegen/bench/patterns/db"
)

// The rows that both sides keep, each made from its number.

const (
	slotsOfAccount = 50
	changesOfName  = 20
	namespaces     = 10
	devices        = 10
	blocksOfFile   = 8
	edgesOfNode    = 20
	txsOfBlock     = 20
	txsOfSender    = 100
)

// digest stands for what names something: 32 bytes that look like chance.
func digest(kind byte, i int) (h db.Hash) {
	return sha256.Sum256(binary.BigEndian.AppendUint64([]byte{kind}, uint64(i)))
}

func noise(kind byte, i, n int) []byte {
	var out []byte
	for len(out) < n {
		h := digest(kind, i+len(out)<<32)
		out = append(out, h[:]...)
	}
	return out[:n]
}

func accountRow(i int) *db.Account {
	return &db.Account{Account: digest('a', i), Data: noise('A', i, 70)}
}

func slotRow(i int) *db.Slot {
	return &db.Slot{Account: digest('a', i/slotsOfAccount), Slot: digest('s', i), Value: noise('S', i, 32)}
}

func blockRow(i int) *db.Block {
	return &db.Block{Number: uint64(i), Hash: digest('b', i), File: uint32(i / 1000), Offset: uint64(i%1000) * 70_000, Size: 65_000 + uint32(i%5000), Txs: uint32(i % 500)}
}

func stateName(i int) string { return fmt.Sprintf("asset-%09d", i) }
func namespace(i int) string { return fmt.Sprintf("chaincode-%d", i%namespaces) }

func stateRow(i int) *db.State {
	return &db.State{Namespace: namespace(i), Name: stateName(i / namespaces), Block: uint64(i), Tx: uint32(i % 100), Value: noise('v', i, 100)}
}

func changeRow(i int) *db.Change {
	name := i / changesOfName
	return &db.Change{Namespace: namespace(name), Name: stateName(name / namespaces), Block: uint64(i%changesOfName) * 1000, Tx: uint32(i % 7)}
}

func attributeOf(i int) string { return fmt.Sprintf("transfer.sender=cosmos%08d", i) }

func txRow(i int) *db.Tx {
	return &db.Tx{
		Height: uint64(i / txsOfBlock), Position: uint32(i % txsOfBlock), Hash: digest('t', i), Amount: int64(i) * 7919 % 1_000_003,
		Attributes: []string{attributeOf(i / txsOfSender), fmt.Sprintf("message.action=%d", i%10), fmt.Sprintf("transfer.recipient=cosmos%08d", i*31%1_000_000)},
		Result:     noise('r', i, 120),
	}
}

// fileRow is a file of a device: the files of one name have the same blocks on all.
func fileRow(i int) *db.File {
	name := i / devices
	f := &db.File{Device: uint32(i % devices), Name: fmt.Sprintf("photos/2026/image-%07d.jpg", name), Size: int64(name) * 1000, Version: uint64(i), Needed: i%5 == 0}
	for b := range blocksOfFile {
		f.Blocks = append(f.Blocks, digest('f', name*blocksOfFile+b))
	}
	return f
}

var began = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func invoiceRow(i int) *db.Invoice {
	return &db.Invoice{Number: uint64(i), Hash: digest('i', i), Amount: uint64(i) * 1000, Settled: i%20 != 0, AddedAt: began.Add(time.Duration(i) * time.Second), Memo: fmt.Sprintf("order %d", i), Request: noise('I', i, 200)}
}

func forwardRow(i int) *db.Forward {
	return &db.Forward{At: began.Add(time.Duration(i) * time.Second), Incoming: uint64(i % 50), Outgoing: uint64(i % 49), AmountIn: uint64(i) + 1001, AmountOut: uint64(i) + 1000}
}

func nodeOf(i int) (n db.Node) {
	h := digest('n', i)
	n[0] = 2
	copy(n[1:], h[:])
	return n
}

func edgeRow(i int) *db.Edge {
	return &db.Edge{Node: nodeOf(i / edgesOfNode), Channel: uint64(i)<<40 | uint64(i), UpdatedAt: began.Add(time.Duration(i) * time.Minute), FeeBase: 1000, FeeRate: uint32(i % 2000), Disabled: i%30 == 0, Signature: noise('g', i, 64)}
}
